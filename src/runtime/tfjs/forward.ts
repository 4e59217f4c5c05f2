import { ErfitError } from "../../core/error.ts";
import { requireShape } from "../entry.ts";
import type { ForwardNetwork, ForwardRequest } from "../network.ts";
import { activate } from "./backends/open.ts";
import { forwardError } from "./blame.ts";
import { fedTensor, requireComputable, requireFinite, type TfjsModel } from "./tfjs-model.ts";
import { fromTfjs } from "./pull-back.ts";
import { scoped } from "./scoped.ts";

/** Makes ready the part of a TF.js model that computes the asked tensors. */
export function forward(model: TfjsModel, request: ForwardRequest): Promise<ForwardNetwork> {
  const { file, program, backend, shapeOf } = model;
  const image = program.input.name;
  const { outputs, from = image } = request;
  requireComputable(model, from, outputs);
  requireFinite(model, from, outputs);
  const entry = { name: from, shape: shapeOf(from) };
  return Promise.resolve({
    simultaneous: 1,
    async run(input) {
      requireShape(input, entry, { image, file });
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
