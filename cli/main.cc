#include <iostream>

#include "cli/run.h"

int main(int argc, char** argv) { return libra::cli::run(argc, argv, std::cout, std::cerr); }
