// The process that produces: numbered records for every partition, through the project's own producer.
#pragma once

#include <asio/awaitable.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "barnabas/client/client.hpp"
#include "barnabas/client/produce/producer.hpp"
#include "barnabas/fixtures/sim/sim_runtime.hpp"

namespace barnabas::tests::sim {

class World;

class Writer final : public client::EventSink {
 public:
  explicit Writer(World& world);
  ~Writer() override;

  /// Writes everything that the shape says, spread over the time of disorder, and returns when it is written.
  asio::awaitable<void> run();
  asio::awaitable<void> close();
  void on_event(const client::Event& event) noexcept override;

 private:
  struct Line {  // one topic
    std::unique_ptr<client::Producer> producer;
    std::vector<std::int64_t> written;  // by partition
    int left = 0;
  };

  asio::awaitable<void> connect();
  asio::awaitable<void> write_one(std::size_t topic);
  asio::awaitable<void> send(std::size_t topic, std::int32_t partition, std::string value);
  std::string value_for(const std::string& topic, std::int32_t partition, std::int64_t number, std::size_t bytes_max);

  World& world_;
  fixtures::sim::SimHost& machine_;
  fixtures::sim::SimRandom random_;
  client::Client client_;
  std::vector<Line> lines_;
};

}  // namespace barnabas::tests::sim
