// The few lines that tests of the engine need.
#pragma once
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "../core/program.h"

namespace isolens {

class Checks {
 public:
  void that(bool holds, const std::string& what) {
    count_++;
    if (holds) return;
    failures_++;
    std::printf("FAIL %s\n", what.c_str());
  }
  // A refusal whose message holds every word.
  void refused(const Status& status, std::initializer_list<const char*> words, const std::string& what) {
    bool all = !status.is_ok();
    for (const char* word : words) all = all && status.message().find(word) != std::string::npos;
    that(all, what + ": received \"" + status.message() + "\"");
  }
  int failures() const { return failures_; }
  int count() const { return count_; }

 private:
  int failures_ = 0, count_ = 0;
};

// Each in a file of its own name.
void check_json(Checks* checks);
void check_refusals(Checks* checks);
void check_memory_plan(Checks* checks, const std::shared_ptr<Backend>& backend);
void check_training(Checks* checks, const std::shared_ptr<Backend>& backend);
void check_device(Checks* checks, const std::shared_ptr<Backend>& backend);
void check_rules(Checks* checks, const std::shared_ptr<Backend>& backend);

// Losses of `steps` training steps of a small model from a fixed seed (training_tests.cpp).
std::vector<double> train_micro(int threads, int steps, ParameterStore& store, const std::shared_ptr<Backend>& backend, Checks* checks);

}  // namespace isolens
