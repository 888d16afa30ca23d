// Texts and graphs of unknown origin are refused with a message that names the place; nothing throws or ends the process.
#include <cmath>

#include "../core/json.h"
#include "../core/op.h"
#include "checks.h"

namespace isolens {

void check_json(Checks* checks) {
  for (const char* text : {"", "{", "[1,]", "{\"a\":1,}", "{\"a\":1,\"a\":2}", "01", "1.", "-", "1e", "1e999", "nul", "\"\\x\"", "\"\\ud800\"", "\"\\udc00\"",
                           "\"a\nb\"", "\"abc", "[1 2]", "{\"a\" 1}", "{1:2}", "1 2", "NaN", "\"\\u12g4\"", "+1", "[", "tru", "\xff"}) {
    checks->that(!Json::parse(text), std::string("JSON refused: ") + text);
  }
  checks->refused(Json::parse(std::string(100000, '[')).status(), {"less nesting"}, "deep JSON");
  for (const char* text : {"null", "[1,-2.5,1e-7,true]", R"({"a":{"b":[]},"c":"\u00e9\ud83d\ude00\"\\\n"})", "9007199254740993", "-0.1"}) {
    const Expected<Json> first = Json::parse(text);
    const Expected<Json> second = first ? Json::parse(first->dump()) : first;
    checks->that(first && second && first->dump() == second->dump(), std::string("JSON round trip: ") + text);
  }
  checks->that(Json::parse("0.1")->as_number() == 0.1 && Json(0.1).dump() == "0.1", "JSON numbers are exact");
  checks->that(Json(std::nan("")).dump() == "null" && Json(std::string("\x01")).dump() == "\"\\u0001\"", "JSON writes what it must escape");
}

namespace {

struct Parts {
  std::string symbols = R"(["N"])";
  std::string inputs = R"([{"name":"x","dtype":"f32","shape":["N",4]},{"name":"id","dtype":"i32","shape":["N"]}])";
  std::string parameters = R"([{"name":"w","shape":[4,3],"init":{"kind":"normal","std":1},"decay":true,"trainable":true}])";
  std::string nodes;
  std::string outputs = R"(["y"])";
  std::string text() const {
    return R"({"name":"test","symbols":)" + symbols + R"(,"inputs":)" + inputs + R"(,"parameters":)" + parameters + R"(,"nodes":[)" + nodes +
           R"(],"outputs":)" + outputs + "}";
  }
};

std::string node(const char* op, const char* inputs, const char* output, const char* attributes = "{}") {
  return std::string(R"({"op":")") + op + R"(","name":")" + output + R"(","inputs":)" + inputs + R"(,"outputs":[")" + output + R"("],"attributes":)" + attributes + "}";
}

ProgramOptions evaluation() {
  ProgramOptions options;
  options.training = false;
  options.capacity = {{"N", 8}};
  return options;
}

void refuse_graph(Checks* checks, const Parts& parts, const ProgramOptions& options, std::initializer_list<const char*> words, const char* what) {
  ThreadPool pool(1);
  const auto store = make_parameter_store();
  const auto program = make_program(parts.text(), options, *store, pool);
  checks->refused(program.status(), words, what);
}

void refuse_nodes(Checks* checks, const std::string& nodes, std::initializer_list<const char*> words, const char* what) {
  Parts parts;
  parts.nodes = nodes;
  refuse_graph(checks, parts, evaluation(), words, what);
}

void check_graphs(Checks* checks) {
  refuse_nodes(checks, node("Frobnicate", R"(["x"])", "y"), {"Node y", "known operator", "Frobnicate"}, "unknown operator");
  refuse_nodes(checks, node("Gemm", R"(["w","x"])", "y"), {"Node y (Gemm)", "inner sizes", "f32(4, 3), f32(8, 4)"}, "shapes that do not agree");
  refuse_nodes(checks, node("Relu", R"(["nowhere"])", "y"), {"Node y (Relu)", "known before it", "nowhere"}, "missing input");
  refuse_nodes(checks, node("Relu", R"(["b"])", "y") + "," + node("Relu", R"(["y"])", "b"), {"Node y (Relu)", "known before it", "\"b\""}, "cycle");
  refuse_nodes(checks, node("Relu", R"(["x"])", "x"), {"unique names", "x"}, "name given twice");
  refuse_nodes(checks, node("Relu", R"(["id"])", "y"), {"Node y (Relu)", "f32 for input 0", "i32(8)"}, "wrong type");
  refuse_nodes(checks, node("Gather", R"(["x","x"])", "y"), {"Node y (Gather)", "i32 for input 1"}, "wrong type of indices");
  refuse_nodes(checks, node("Relu", R"(["x","x"])", "y"), {"1 inputs", "received 2"}, "too many inputs");
  refuse_nodes(checks, node("Gemm", R"(["x",""])", "y"), {"expected input 1", "none"}, "required input left out");
  refuse_nodes(checks, node("Relu", R"(["x"])", "y", R"({"slope":1})"), {"Node y (Relu)", "slope"}, "unknown attribute");
  refuse_nodes(checks, node("Softmax", R"(["x"])", "y", R"({"axis":2})"), {"an axis within the rank", "f32(8, 4)"}, "axis out of range");
  refuse_nodes(checks, node("Clip", R"(["x"])", "y", R"({"min":"a","max":1})"), {"min", "a number", "\"a\""}, "attribute of another kind");
  refuse_nodes(checks, node("Reshape", R"(["x"])", "y", R"({"shape":[5,-1]})"), {"divide", "f32(8, 4)"}, "reshape that does not fit");
  refuse_nodes(checks, node("Reshape", R"(["x"])", "y", R"({"shape":[274877906944,274877906944,274877906944]})"), {"as many elements"}, "reshape that overflows");
  refuse_nodes(checks, node("Constant", "[]", "y", R"({"value":1,"shape":[274877906944,4]})"), {"memory holds"}, "tensor too large");
  refuse_nodes(checks, node("Conv", R"(["x","w"])", "y"), {"(N, C, H, W)"}, "convolution of matrices");
  refuse_nodes(checks, node("Add", R"(["x","w"])", "y"), {"broadcast"}, "broadcast that does not work");
  refuse_nodes(checks, "", {"outputs that are computed", "\"y\""}, "output that is not computed");
  refuse_nodes(checks, R"({"op":"Relu","name":"y","inputs":"x","outputs":["y"]})", {"list of inputs"}, "inputs that are no list");

  Parts parts;
  parts.nodes = node("Relu", R"(["x"])", "y");
  parts.inputs = R"([{"name":"x","dtype":"f32","shape":["M",4]}])";
  refuse_graph(checks, parts, evaluation(), {"Input x", "declared symbols", "M"}, "undeclared symbol");
  parts.inputs = R"([{"name":"x","dtype":"f64","shape":["N",4]}])";
  refuse_graph(checks, parts, evaluation(), {"Input x", "f32 or i32"}, "unknown dtype");
  parts.inputs = R"([{"name":"x","dtype":"f32","shape":["N","99999999*N*N*N"]}])";
  refuse_graph(checks, parts, evaluation(), {"memory holds"}, "input too large");
  parts = Parts();
  parts.nodes = node("Relu", R"(["x"])", "y");
  parts.parameters = R"([{"name":"w","shape":[4,3],"init":{"kind":"magic"},"decay":true,"trainable":true}])";
  refuse_graph(checks, parts, evaluation(), {"Parameter w", "init", "magic"}, "unknown initialisation");
  parts.parameters = "[]";
  ProgramOptions options = evaluation();
  options.capacity = {};
  refuse_graph(checks, parts, options, {"size for symbol N"}, "symbol without a size");
  options.capacity = {{"N", 0}};
  refuse_graph(checks, parts, options, {"symbol N from 1"}, "symbol of no size");
  options = evaluation();
  options.training = true;
  options.loss = "y";
  refuse_graph(checks, parts, options, {"scalar as loss", "f32(8, 4)"}, "loss that is no scalar");
  options.loss = "nothing";
  refuse_graph(checks, parts, options, {"name of its loss", "nothing"}, "loss that is not there");
  parts.nodes += "," + node("ReduceSum", R"(["y"])", "loss");
  options.loss = "loss";
  refuse_graph(checks, parts, options, {"depends on a trainable parameter"}, "loss without parameters");
}

void check_calls(Checks* checks) {
  ThreadPool pool(2);
  const auto store = make_parameter_store();
  Parts parts;
  parts.nodes = node("Gather", R"(["w","id"])", "rows") + "," + node("ReduceSum", R"(["rows"])", "loss");
  parts.outputs = R"(["loss"])";
  ProgramOptions options = evaluation();
  options.training = true;
  options.loss = "loss";
  auto program = make_program(parts.text(), options, *store, pool);
  checks->that(static_cast<bool>(program), "program of the calls: " + program.status().message());
  if (!program) return;
  Program& p = **program;
  checks->refused(p.bind({{"N", 9}}), {"symbol N", "8", "capacity", "received 9"}, "capacity exceeded");
  checks->refused(p.forward(true, 1), {"bind() before forward()"}, "forward without sizes");
  checks->refused(p.bind({}), {"size for symbol N"}, "bind without a size");
  checks->that(p.bind({{"N", 5}}).is_ok(), "bind within the capacity");
  checks->refused(p.backward(1), {"forward() before each backward()"}, "backward before forward");
  checks->refused(p.input("w").status(), {"Expected an input", "w"}, "parameter as input");
  checks->refused(p.value("rows").status(), {"keep_all", "rows"}, "value that is not kept");
  checks->refused(p.value("loss").status(), {"forward()"}, "value before forward");
  checks->refused(p.input_gradient("x").status(), {"input_gradients"}, "gradient that was not asked for");
  int32_t* id = p.input("id")->i32();
  for (int i = 0; i < 5; i++) id[i] = i % 4;
  checks->that(p.forward(true, 1).is_ok() && p.backward(1).is_ok(), "forward and backward");
  checks->refused(p.backward(1), {"forward() before each backward()"}, "backward twice");
  id[3] = 4;
  checks->refused(p.forward(true, 1), {"Node rows (Gather)", "4 rows", "received 4", "position 3"}, "index out of range");
  id[3] = -5;
  checks->refused(p.forward(true, 1), {"received -5"}, "index below range");

  Parts other = parts;
  other.parameters = R"([{"name":"w","shape":[5,3],"init":{"kind":"zeros"},"decay":true,"trainable":true}])";
  const auto mismatch = make_program(other.text(), options, *store, pool);
  checks->refused(mismatch.status(), {"Parameter w", "(5, 3)", "(4, 3)"}, "parameter of another shape");
  store->find("w")->value.clear();
  checks->refused(p.forward(true, 1), {"Parameter w", "changed"}, "parameter that was emptied");
}

}  // namespace

void check_refusals(Checks* checks) {
  for (const char* text : {"", "[]", "{}", "null", "{\"name\":1}", R"({"name":"a","symbols":{},"inputs":[],"parameters":[],"nodes":[],"outputs":[]})"}) {
    ThreadPool pool(1);
    const auto store = make_parameter_store();
    checks->that(!make_program(text, evaluation(), *store, pool), std::string("graph refused: ") + text);
  }
  check_graphs(checks);
  check_calls(checks);
}

}  // namespace isolens
