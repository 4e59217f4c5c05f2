import { columnProducts } from "../rewrites/column-products.ts";
import { pruned } from "../../graph/graph.ts";
import { requireShape } from "../entry.ts";
import type { ForwardNetwork, ForwardRequest } from "../network.ts";
import { refuseNonFinite, type OnnxModel } from "./onnx-model.ts";
import { openProgram } from "./program.ts";
import { runsWorthThreads, startingAt } from "./starting-at.ts";

/** Makes ready the part of a network that computes the asked tensors. */
export async function forward(model: OnnxModel, request: ForwardRequest): Promise<ForwardNetwork> {
  const { file, threads } = model;
  const image = model.image.name;
  const { outputs, from = image, images = 1 } = request;
  const [entry, wanted] = [model.valueNamed(from), outputs.map(model.valueNamed)];
  const asked = pruned(startingAt(model, entry, wanted), wanted);
  const graph = columnProducts(asked) ?? asked;
  refuseNonFinite(graph, file);
  const purpose = `the run to ${outputs.map((name) => `"${name}"`).join(", ")} in ${file}`;
  const program = await openProgram(graph, {
    purpose,
    threads,
    images: runsWorthThreads(graph, entry, image, images),
  });
  return {
    simultaneous: program.simultaneous,
    async run(input) {
      requireShape(input, entry, { image, file });
      return program.run({ [entry.name]: input });
    },
    release: () => program.release(),
  };
}
