import { ErfitError } from "../../core/error.ts";
import { sizeOf } from "../../core/tensor.ts";
import { requireShape } from "../fed-tensor.ts";
import type {
  ForwardNetwork,
  ForwardRequest,
  DifferentiatedNetwork,
  DifferentiationRequest,
} from "../network.ts";
import { activate } from "./backends.ts";
import { forwardError, gradientError } from "./errors.ts";
import { reachedFrom } from "./model/program.ts";
import { fromTfjs, pullBack, seedWeights } from "./pull-back.ts";
import { scoped } from "./model/program.ts";
import { fedTensor, requireComputable, requireFinite, type TfjsModel } from "./tfjs-model.ts";

/** Makes ready the part of a TF.js model that computes the requested tensors. */
export function forward(model: TfjsModel, request: ForwardRequest): Promise<ForwardNetwork> {
  const { file, program, backend, shapeOf } = model;
  const image = program.input.name;
  const { outputs, from = image } = request;
  requireComputable(model, from, outputs);
  requireFinite(model, from, outputs);
  const expected = { name: from, shape: shapeOf(from) };
  return Promise.resolve({
    simultaneous: 1,
    async run(input) {
      requireShape(input, expected, { image, file });
      await activate(backend);
      try {
        return scoped(() =>
          program.evaluate(new Map([[from, fedTensor(model, from, input)]]), outputs).map(fromTfjs),
        );
      } catch (thrown) {
        if (thrown instanceof ErfitError) throw thrown;
        throw scoped(() => {
          const fed = { name: from, value: fedTensor(model, from, input) };
          return forwardError(program, fed, outputs, backend, file, thrown);
        });
      }
    },
    release: () => Promise.resolve(),
  });
}

/** Makes a gradient ready, through TF.js's tape. */
export function differentiate(
  model: TfjsModel,
  request: DifferentiationRequest,
): Promise<DifferentiatedNetwork> {
  const { file, program, backend, shapeOf } = model;
  const image = program.input.name;
  const { target, objective, from = image, withRespectTo = from, alongside = [] } = request;
  requireComputable(model, from, [target, withRespectTo, ...alongside]);
  requireFinite(model, from, [target, withRespectTo, ...alongside]);
  if (!reachedFrom(program.steps, withRespectTo).has(target)) {
    throw new ErfitError(
      `tensor "${target}" does not depend on "${withRespectTo}": there is no gradient between them`,
    );
  }
  const expected = { name: from, shape: shapeOf(from) };
  const y = { name: target, dtype: "float32" as const, shape: shapeOf(target) };
  // An index or a cell outside the target is said before the first image.
  if (objective.kind !== "cotangent") seedWeights(y, new Float32Array(sizeOf(y.shape)), objective, undefined);
  return Promise.resolve({
    // TF.js computes on one backend in one thread of JavaScript; tfjs-node has threads inside its operators.
    simultaneous: 1,
    async run({ image: input, cotangent }) {
      requireShape(input, expected, { image, file });
      await activate(backend);
      try {
        const seed = (values: Float32Array) => seedWeights(y, values, objective, cotangent);
        const fed = () => fedTensor(model, from, input);
        return pullBack(program, { fed, from, target, withRespectTo, alongside, seed });
      } catch (thrown) {
        if (thrown instanceof ErfitError) throw thrown;
        throw scoped(() => {
          const fed = { name: from, value: fedTensor(model, from, input) };
          return gradientError(program, fed, { target, withRespectTo }, backend, thrown);
        });
      }
    },
    release: () => Promise.resolve(),
  });
}
