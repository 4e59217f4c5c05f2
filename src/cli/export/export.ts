import type { CommandModule } from "yargs";
import { exportCamCommand } from "./cam.ts";
import { exportErfCommand } from "./erf.ts";

/** `erfit export cam`, `erfit export erf`: what erfit computes as ONNX files that need no erfit. */
export const exportCommand: CommandModule = {
  command: "export",
  describe: "write a CAM or an ERF as one ONNX file, for any ONNX Runtime",
  builder: (yargs) =>
    yargs.command([exportCamCommand, exportErfCommand]).demandCommand(1, "name what to export: cam or erf"),
  handler: () => undefined,
};
