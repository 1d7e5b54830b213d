#include "sidecar/mechanism_word.h"

namespace libra::sidecar {

std::string wordFor(Mechanism mechanism) {
  switch (mechanism) {
    case Mechanism::None:
      return "";
    case Mechanism::Runtime:
      return "runtime";
    case Mechanism::Steer:
      return "steer";
    case Mechanism::Generation:
      return "generation";
    case Mechanism::Class:
      return "class";
    case Mechanism::SidecarCheck:
      return "sidecar-check";
    case Mechanism::BlueGreen:
      return "blue-green";
    case Mechanism::Reload:
      return "reload";
  }
  return "";
}

}  // namespace libra::sidecar
