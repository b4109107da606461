// What was computed before under the same text, kept in memory: a pure function of its key is called once,
// however many threads ask at the same time. The oldest answers are forgotten beyond a number of them.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace tideline {

template <class Value>
class Memo {
 public:
  using Answer = std::shared_ptr<const Value>;

  explicit Memo(std::size_t answers_max) : answers_max_(answers_max) {}

  // Fails: throws what `make` throws, to all who wait for it; the next to ask calls it again.
  Answer get(const std::string& key, const std::function<Value()>& make) {
    std::promise<Answer> promise;
    std::shared_future<Answer> answer;
    {
      const std::lock_guard lock(mutex_);
      if (const auto known = answers_.find(key); known != answers_.end())
        answer = known->second;
      else
        remember(key, promise.get_future().share());
    }
    if (answer.valid()) return answer.get();
    try {
      auto made = std::make_shared<const Value>(make());
      promise.set_value(made);
      return made;
    } catch (...) {
      promise.set_exception(std::current_exception());
      const std::lock_guard lock(mutex_);
      answers_.erase(key);
      std::erase(order_, key);
      throw;
    }
  }

 private:
  void remember(const std::string& key, std::shared_future<Answer> answer) {
    if (order_.size() >= answers_max_) {
      answers_.erase(order_.front());
      order_.pop_front();
    }
    answers_.emplace(key, std::move(answer));
    order_.push_back(key);
  }

  std::size_t answers_max_;
  std::mutex mutex_;
  std::map<std::string, std::shared_future<Answer>, std::less<>> answers_;
  std::deque<std::string> order_;  // of the keys, the oldest first
};

}  // namespace tideline
