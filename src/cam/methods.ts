import type { CamMethod } from "./method.ts";
import { ablationCam } from "./methods/ablation-cam.ts";
import { gradCamPlusPlus } from "./methods/grad-cam-plus-plus.ts";
import { classActivationMap } from "./methods/linear-head.ts";
import { eigenCam, eigenGradCam } from "./methods/eigen-cam.ts";
import { scoreCam } from "./methods/score-cam.ts";
import { smoothGradCamPlusPlus } from "./methods/smooth-grad-cam-plus-plus.ts";
import { channelSum, elementSum, mean } from "./methods/sums.ts";
import { xGradCamWeight } from "./methods/xgrad-cam.ts";

/** A method is one entry; `a` are elements of the feature map, `g` those of the gradient of the class score by it. */
export const camMethods = {
  cam: {
    title: "CAM",
    paper: "Zhou et al. 2016",
    asks: "linear head",
    grid: classActivationMap,
    rectify: false,
  },
  "grad-cam": {
    title: "Grad-CAM",
    paper: "Selvaraju et al. 2017",
    asks: "gradient",
    grid: channelSum((_, g) => mean(g)),
    rectify: true,
  },
  "grad-cam++": {
    title: "Grad-CAM++",
    paper: "Chattopadhay et al. 2018, closed form",
    asks: "gradient",
    grid: gradCamPlusPlus,
    rectify: true,
  },
  "smooth-grad-cam++": {
    title: "Smooth Grad-CAM++",
    paper: "Omeiza et al. 2019",
    asks: "noisy images",
    grid: smoothGradCamPlusPlus,
    rectify: true,
  },
  "xgrad-cam": {
    title: "XGrad-CAM",
    paper: "Fu et al. 2020",
    asks: "gradient",
    grid: channelSum(xGradCamWeight),
    rectify: true,
  },
  hirescam: {
    title: "HiResCAM",
    paper: "Draelos & Carin 2020",
    asks: "gradient",
    grid: elementSum((a, g) => a * g),
    rectify: true,
  },
  elementwise: {
    title: "element-wise Grad-CAM",
    paper: "pytorch-grad-cam, GradCAMElementWise",
    asks: "gradient",
    grid: elementSum((a, g) => Math.max(a * g, 0)),
    rectify: true,
  },
  layercam: {
    title: "LayerCAM",
    paper: "Jiang et al. 2021",
    asks: "gradient",
    grid: elementSum((a, g) => a * Math.max(g, 0)),
    rectify: true,
  },
  eigencam: {
    title: "EigenCAM",
    paper: "Muhammad & Yeasin 2020",
    asks: "features",
    grid: eigenCam,
    rectify: true,
  },
  eigengradcam: {
    title: "EigenGradCAM",
    paper: "pytorch-grad-cam, EigenGradCAM",
    asks: "gradient",
    grid: eigenGradCam,
    rectify: true,
  },
  "score-cam": {
    title: "Score-CAM",
    paper: "Wang et al. 2020",
    asks: "masked images",
    grid: scoreCam,
    rectify: true,
  },
  "ablation-cam": {
    title: "Ablation-CAM",
    paper: "Desai & Ramaswamy 2020",
    asks: "ablated features",
    grid: ablationCam,
    rectify: true,
  },
  extended: {
    title: "Extended-CAM",
    paper: "Kim et al. 2021, Eq. 8",
    asks: "gradient",
    grid: elementSum((a, g) => a * g),
    rectify: false,
  },
} as const satisfies Record<string, CamMethod>;

export type CamMethodName = keyof typeof camMethods;
