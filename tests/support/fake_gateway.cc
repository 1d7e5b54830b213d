#include "tests/support/fake_gateway.h"

namespace libra::test {

using service::kNoAnswer;
using service::kNotDelivered;

std::size_t FakeGateway::hanging() {
  std::lock_guard lock(mutex_);
  return hanging_.size();
}

void FakeGateway::release(Mood mood) {
  Job job;
  Result<protocol::Answer> answer = protocol::Answer{};
  {
    std::lock_guard lock(mutex_);
    if (hanging_.empty()) return;
    job = std::move(hanging_.front());
    hanging_.pop_front();
    answer = mood == Mood::Hangs ? Error{ErrorCode::Unavailable, std::string(kNoAnswer)} : play(job, mood);
  }
  job.done(std::move(answer));
}

void FakeGateway::update(const std::string& device, const protocol::DeviceState& state, Done done) {
  with(device, [](Device& d) { ++d.updates; });
  deliver({device,
           [state](Device& d) {
             protocol::Answer answer;
             answer.pass = true;
             answer.already_newer = d.runs.generation > state.generation;
             if (!answer.already_newer) d.runs = state;
             answer.generation = d.runs.generation;
             return answer;
           },
           std::move(done)});
}

void FakeGateway::stats(const std::string& device, Done done) {
  deliver({device,
           [](Device& d) {
             protocol::Answer answer;
             answer.pass = true;
             answer.nodes = d.nodes;
             answer.events = d.events;
             return answer;
           },
           std::move(done)});
}

void FakeGateway::metrics(const std::string& device, std::uint64_t acknowledged, Done done) {
  deliver({device,
           [acknowledged](Device& d) {
             d.acknowledged.push_back(acknowledged);
             protocol::Answer answer;
             answer.pass = true;
             auto period = d.usage.begin();
             while (period != d.usage.end() && period + 1 != d.usage.end() && period->sequence <= acknowledged)
               ++period;
             if (period != d.usage.end()) answer.body = protocol::withUsage(json::Value::object(), *period);
             return answer;
           },
           std::move(done)});
}

void FakeGateway::check(const std::string& device, Done done) {
  deliver({device,
           [](Device& d) {
             protocol::Answer answer;
             ++d.checks;
             answer.pass = d.sound;
             if (!d.sound) answer.error = "The proxy carries no request";
             return answer;
           },
           std::move(done)});
}

void FakeGateway::discover(const std::string& device, std::chrono::milliseconds, Done done) {
  deliver({device,
           [](Device& d) {
             auto answer = d.discovered;
             answer.pass = true;
             return answer;
           },
           std::move(done)});
}

void FakeGateway::deliver(Job job) {
  Result<protocol::Answer> answer = protocol::Answer{};
  {
    std::lock_guard lock(mutex_);
    const auto mood = known(job.device).mood;
    if (mood == Mood::Hangs) {
      hanging_.push_back(std::move(job));
      return;
    }
    answer = play(job, mood);
  }
  job.done(std::move(answer));
}

Result<protocol::Answer> FakeGateway::play(const Job& job, Mood mood) {
  if (mood == Mood::Unreachable) return Error{ErrorCode::Unavailable, std::string(kNotDelivered), "no job server"};
  if (mood == Mood::Obeys) return job.work(known(job.device));
  protocol::Answer answer;
  answer.error = "Load Balancer error";
  return answer;
}

}  // namespace libra::test
