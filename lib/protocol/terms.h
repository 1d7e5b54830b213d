#pragma once

// The few words both ends of the wire share, with their wire spelling.
// Standard library only: controller/model includes this.

#include <optional>
#include <string_view>

namespace libra {

enum class Protocol { Http, Tcp, Galera };
enum class Algorithm { RoundRobin, LeastConnections, Random, WeightedRoundRobin, WeightedLeastConnections };
enum class MonitorType { Connect, Http, Https };
enum class Persistence { None, HttpCookie, SourceIp };

constexpr std::string_view name(Protocol p) {
  switch (p) {
    case Protocol::Http:
      return "HTTP";
    case Protocol::Tcp:
      return "TCP";
    case Protocol::Galera:
      return "GALERA";
  }
  return "";
}
constexpr std::string_view name(Algorithm a) {
  switch (a) {
    case Algorithm::RoundRobin:
      return "ROUND_ROBIN";
    case Algorithm::LeastConnections:
      return "LEAST_CONNECTIONS";
    case Algorithm::Random:
      return "RANDOM";
    case Algorithm::WeightedRoundRobin:
      return "WEIGHTED_ROUND_ROBIN";
    case Algorithm::WeightedLeastConnections:
      return "WEIGHTED_LEAST_CONNECTIONS";
  }
  return "";
}
// None has no word: Atlas shows it as an empty object.
constexpr std::string_view name(Persistence p) {
  if (p == Persistence::None) return "";
  return p == Persistence::HttpCookie ? "HTTP_COOKIE" : "SOURCE_IP";
}
constexpr std::string_view name(MonitorType t) {
  if (t == MonitorType::Connect) return "CONNECT";
  return t == MonitorType::Http ? "HTTP" : "HTTPS";
}

// Exact (upper case) spelling; callers fold case where the spec says so.
constexpr std::optional<Protocol> parseProtocol(std::string_view text) {
  for (auto p : {Protocol::Http, Protocol::Tcp, Protocol::Galera})
    if (name(p) == text) return p;
  return std::nullopt;
}
constexpr std::optional<Algorithm> parseAlgorithm(std::string_view text) {
  for (auto a : {Algorithm::RoundRobin, Algorithm::LeastConnections, Algorithm::Random, Algorithm::WeightedRoundRobin,
                 Algorithm::WeightedLeastConnections})
    if (name(a) == text) return a;
  return std::nullopt;
}
constexpr std::optional<Persistence> parsePersistence(std::string_view text) {
  for (auto p : {Persistence::HttpCookie, Persistence::SourceIp})
    if (name(p) == text) return p;
  return std::nullopt;
}
constexpr std::optional<MonitorType> parseMonitorType(std::string_view text) {
  for (auto t : {MonitorType::Connect, MonitorType::Http, MonitorType::Https})
    if (name(t) == text) return t;
  return std::nullopt;
}

// What clients get where nobody asked for anything, as the ancestor had it.
constexpr Persistence defaultPersistence(Protocol p) {
  switch (p) {
    case Protocol::Http:
      return Persistence::HttpCookie;
    case Protocol::Tcp:
      return Persistence::SourceIp;
    case Protocol::Galera:
      return Persistence::None;  // traffic returns to the primary when it recovers
  }
  return Persistence::None;
}

}  // namespace libra
