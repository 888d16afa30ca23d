#pragma once
#include <vector>

#include "graph.h"

namespace isolens::chem {

// Bond orders of one Kekule structure, (bonds); `out` is graph.order but for aromatic bonds. false where there is none.
bool kekulise(const Graph& graph, std::vector<uint8_t>& out);

}  // namespace isolens::chem
