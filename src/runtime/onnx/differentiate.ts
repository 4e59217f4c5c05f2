import { fastGradient } from "../../runtime/rewrites/fast-gradient.ts";
import { ErfitError } from "../../core/error.ts";
import { requireShape } from "../entry.ts";
import type { DifferentiatedNetwork, DifferentiationRequest } from "../network.ts";
import { refuseNonFinite, type OnnxModel } from "./onnx-model.ts";
import { openProgram } from "./program.ts";
import { runsWorthThreads, startingAt } from "./starting-at.ts";

/** Makes a gradient ready, as one program with the tensors that are asked for beside it. */
export async function differentiate(
  model: OnnxModel,
  request: DifferentiationRequest,
): Promise<DifferentiatedNetwork> {
  const { file, threads } = model;
  const image = model.image.name;
  const { objective, from = image, withRespectTo = from, images = 1, programs = 1, cone = true } = request;
  const entry = model.valueNamed(from);
  const target = model.valueNamed(request.target);
  const source = model.valueNamed(withRespectTo);
  const alongside = (request.alongside ?? []).map(model.valueNamed);
  const { graph } = fastGradient(startingAt(model, entry, [target, source, ...alongside]), {
    target,
    objective,
    withRespectTo: source,
    alongside,
    cone,
  });
  refuseNonFinite(graph, file);
  const purpose = `the gradient of "${target.name}" in ${file}`;
  const program = await openProgram(graph, {
    purpose,
    threads,
    programs,
    images: runsWorthThreads(graph, entry, image, images),
  });
  return {
    simultaneous: program.simultaneous,
    async run(feeds) {
      requireShape(feeds.image, entry, { image, file });
      const [gradient, ...others] = await program.run({
        [entry.name]: feeds.image,
        ...(objective.kind === "cotangent" && feeds.cotangent !== undefined
          ? { [objective.name]: feeds.cotangent }
          : {}),
      });
      if (gradient?.dtype !== "float32")
        throw new ErfitError(`${purpose} is ${gradient?.dtype ?? "absent"}, not float32`, {
          kind: "failure",
        });
      return { gradient, alongside: others };
    },
    release: () => program.release(),
  };
}
