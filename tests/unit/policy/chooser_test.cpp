#include "sim/policy/chooser.h"

#include <vector>

#include "tests/doctest.h"

namespace tideline::policy {
namespace {

constexpr RandomStream kWords(3, 0, Purpose::kDecodeBalancer);

// Of 10,000 requests, what each server of a board gets. Loads stand still.
std::vector<int> shares(Choice choice, LoadBoard board) {
  Chooser chooser(choice, kWords, 0);
  std::vector<int> got(board.size(), 0);
  for (std::uint64_t id = 0; id < 10'000; ++id) ++got[chooser.choose(board, id)];
  return got;
}

LoadBoard board_of(const std::vector<double>& loads) {
  LoadBoard board(loads.size());
  for (std::size_t s = 0; s < loads.size(); ++s) board.set(s, loads[s]);
  return board;
}

constexpr double kNever = LoadBoard::kNever;

TEST_CASE("the least takes all, whatever is drawn") {
  CHECK(shares(Choice::kLeast, board_of({3, 1, 2})) == std::vector{0, 10'000, 0});
}

TEST_CASE("in turn and at random loads do not matter, and who serves not is passed by") {
  CHECK(shares(Choice::kInTurn, board_of({5, 1, 2, 9})) == std::vector{2500, 2500, 2500, 2500});
  CHECK(shares(Choice::kInTurn, board_of({5, kNever, 2, kNever})) == std::vector{5000, 0, 5000, 0});
  const auto random = shares(Choice::kRandom, board_of({5, 1, kNever, kNever, kNever}));
  CHECK(std::abs(random[0] - 5000) < 200);  // four standard deviations
  CHECK(random[0] + random[1] == 10'000);
}

TEST_CASE("of two drawn the one with less load: the k-th least of n gets 2 (n - k) + 1 of n squared") {
  const auto got = shares(Choice::kLesserOfTwo, board_of({30, 10, 40, 20}));
  const std::vector<double> expected{3, 7, 1, 5};
  for (std::size_t s = 0; s < 4; ++s) CHECK(std::abs(got[s] - expected[s] / 16 * 10'000) < 200);
}

TEST_CASE("what is drawn depends on the request, not on when it asks") {
  LoadBoard board(7);
  Chooser one(Choice::kRandom, kWords, 0), other(Choice::kRandom, kWords, 0),
      salted(Choice::kRandom, kWords, 1);
  (void)other.choose(board, 99);
  int same = 0;
  for (std::uint64_t id = 0; id < 700; ++id) {
    const std::size_t server = one.choose(board, id);
    CHECK(other.choose(board, id) == server);
    same += static_cast<int>(salted.choose(board, id) == server);
  }
  CHECK(same < 200);
}

TEST_CASE("when no server takes anything, one is named all the same") {
  LoadBoard board = board_of({kNever, kNever});
  for (const Choice choice : {Choice::kLeast, Choice::kLesserOfTwo, Choice::kRandom, Choice::kInTurn})
    CHECK(Chooser(choice, kWords, 0).choose(board, 1) < 2);
}

}  // namespace
}  // namespace tideline::policy
