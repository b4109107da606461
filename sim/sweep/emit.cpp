#include "sim/sweep/emit.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <string_view>

namespace tideline::sweep {
namespace {

// One word of a shell.
std::string word(const std::string& text) {
  const auto plain = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           std::string_view("_-./=,:+@%").find(c) != std::string_view::npos;
  };
  if (!text.empty() && std::ranges::all_of(text, plain)) return text;
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? R"('\'')" : std::string(1, c);
  return out + "'";
}

std::uint64_t shards(const Emitted& e) {
  if (e.shards > 0) return e.shards;
  return std::clamp<std::uint64_t>(e.points / kPointsPerTask, 1, kShardsMax);
}

std::string run(const Emitted& e, const std::string& shard, const std::string& threads) {
  return fmt::format("{} sweep run {} --out {} --shard {} --resume --threads {}", word(e.program),
                     word(e.study), word(e.folder), shard, threads);
}

std::string merge(const Emitted& e) {
  return fmt::format("{} sweep merge {} --out {} --to {}", word(e.program), word(e.study), word(e.folder),
                     word(e.result));
}

// As Kubernetes takes it: small letters, digits and hyphens.
std::string label(std::string name) {
  for (char& c : name)
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');
    else if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z')))
      c = '-';
  return name;
}

}  // namespace

std::string emit_slurm(const Emitted& e) {
  return fmt::format(
      R"(#!/bin/bash
# {points} points in {shards} tasks of a Slurm array, and their merge. `bash` this; run it again to do what is
# still missing. TIDELINE_SBATCH holds more options of sbatch, such as "--partition=... --time=...".
# A task that is stopped (USR1 two minutes before its time limit, TERM) finishes the point it is at, exits 75
# and is put back into the queue; what it wrote is not run again.
set -euo pipefail
mkdir -p {folder}

array=$(sbatch --parsable --job-name={name} --array=0-{last} --cpus-per-task={threads} --requeue \
  --open-mode=append --signal=B:USR1@120 --output={folder}/log-%a.txt ${{TIDELINE_SBATCH:-}} <<'TASK'
#!/bin/bash
{run} &
child=$! code=0 told=
trap 'told=yes; kill -USR1 $child' USR1 TERM
wait $child || code=$?
while [[ -n $told ]]; do told= code=0; wait $child || code=$?; done
if [[ $code == 75 ]]; then scontrol requeue "${{SLURM_ARRAY_JOB_ID}}_${{SLURM_ARRAY_TASK_ID}}"; fi
exit $code
TASK
)

# After all tasks, however they ended: it counts, and fails where points are missing.
merge=$(sbatch --parsable --job-name={name}-merge --dependency=afterany:$array --output={folder}/merge.txt \
  ${{TIDELINE_SBATCH:-}} <<'MERGE'
#!/bin/bash
{merge}
MERGE
)
echo "array $array, merge $merge: {folder}/merge.txt will say what is done"
)",
      fmt::arg("points", e.points), fmt::arg("shards", shards(e)), fmt::arg("last", shards(e) - 1),
      fmt::arg("folder", word(e.folder)), fmt::arg("name", word(e.name)), fmt::arg("threads", e.threads),
      fmt::arg("run", run(e, "slurm", fmt::format("{}", e.threads))), fmt::arg("merge", merge(e)));
}

std::string emit_parallel(const Emitted& e) {
  return fmt::format(
      R"(#!/bin/bash
# {points} points in {shards} shards by GNU parallel, and their merge. Run it again to do what is missing.
# PARALLEL_OPTIONS holds more of its options, such as "--jobs 8" or "--sshlogin node1,node2".
set -uo pipefail
mkdir -p {folder}
seq 0 {last} | parallel --joblog {folder}/joblog.txt --resume-failed ${{PARALLEL_OPTIONS:-}} \
  {run}
{merge}
)",
      fmt::arg("points", e.points), fmt::arg("shards", shards(e)), fmt::arg("last", shards(e) - 1),
      fmt::arg("folder", word(e.folder)),
      // GNU parallel hands it to a shell of its own, which takes it apart once more.
      fmt::arg("run", word(run(e, fmt::format("{{}}/{}", shards(e)), fmt::format("{}", e.threads)))),
      fmt::arg("merge", merge(e)));
}

std::string emit_mpi(const Emitted& e) {
  const std::string ranks = e.shards > 0 ? fmt::format("-n {} ", e.shards) : "";
  return fmt::format(
      R"(#!/bin/bash
# {points} points by the ranks of mpirun, and their merge. Run it again to do what is still missing.
# MPIRUN_OPTIONS holds more of its options, such as "--hostfile hosts".
set -uo pipefail
mkdir -p {folder}
mpirun {ranks}${{MPIRUN_OPTIONS:-}} {run}
{merge}
)",
      fmt::arg("points", e.points), fmt::arg("folder", word(e.folder)), fmt::arg("ranks", ranks),
      fmt::arg("run", run(e, "mpi", fmt::format("{}", e.threads))), fmt::arg("merge", merge(e)));
}

std::string emit_k8s(const Emitted& e) {
  const std::string n = fmt::format("{}", shards(e));
  return fmt::format(
      R"(# {points} points in {shards} shards of an Indexed Job. The volume claimed stands for the folder of
# the study, at the same path; it holds study, scenario and results, and many nodes write to it. After it:
#   {merge}
# A pod that is evicted finishes the point it is at, exits 75 and is started again: that is no failure.
apiVersion: batch/v1
kind: Job
metadata:
  name: {name}
spec:
  completionMode: Indexed
  completions: {shards}
  parallelism: {shards}
  backoffLimit: {shards}
  podFailurePolicy:
    rules:
      - action: FailJob
        onExitCodes: {{operator: In, values: [2]}}
      - action: Ignore
        onExitCodes: {{operator: In, values: [75]}}
      - action: Ignore
        onPodConditions: [{{type: DisruptionTarget}}]
  template:
    spec:
      restartPolicy: Never
      terminationGracePeriodSeconds: 300
      containers:
        - name: tideline
          image: {image}
          command: ["/bin/sh", "-c"]
          args:
            - exec {run}
          resources:
            requests: {{cpu: "{threads}"}}
          volumeMounts: [{{name: sweep, mountPath: {mount}}}]
      volumes:
        - name: sweep
          persistentVolumeClaim: {{claimName: {claim}}}
)",
      fmt::arg("points", e.points), fmt::arg("shards", n), fmt::arg("merge", merge(e)),
      fmt::arg("name", label(e.name)), fmt::arg("image", e.image), fmt::arg("claim", e.claim),
      fmt::arg("threads", e.threads),
      fmt::arg("mount", std::filesystem::path(e.study).parent_path().string()),
      fmt::arg("run", run(e, "kubernetes --shards " + n, fmt::format("{}", e.threads))));
}

}  // namespace tideline::sweep
