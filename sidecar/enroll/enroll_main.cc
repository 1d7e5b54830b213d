#include "sidecar/enroll/enroll.h"

int main(int argc, char** argv) { return libra::sidecar::enrollCommand(argc, argv); }
