/** What a bibliography entry is made of, by BibTeX's names. */
export interface Reference {
  readonly key: string;
  readonly type: "article" | "inproceedings" | "misc";
  /** "Family, Given", one each; in braces, a group. */
  readonly author: readonly string[];
  /** Words that keep their capitals are in braces. */
  readonly title: string;
  readonly year: number;
  readonly journal?: string;
  readonly booktitle?: string;
  readonly volume?: string;
  readonly pages?: string;
  readonly doi?: string;
  readonly eprint?: string;
  readonly howpublished?: string;
  readonly note?: string;
}

/** Papers by how their short citations in the tables of methods, metrics and protocols begin. */
export const papers: Readonly<Record<string, Reference>> = {
  "Kim et al.": {
    key: "kim2023extending",
    type: "article",
    author: ["Kim, Bum Jun", "Koo, Gyogwon", "Choi, Hyeyeon", "Kim, Sang Woo"],
    title: "Extending Class Activation Mapping Using {Gaussian} Receptive Field",
    journal: "Computer Vision and Image Understanding",
    year: 2023,
    eprint: "2001.05153",
  },
  "Luo et al. 2016": {
    key: "luo2016understanding",
    type: "inproceedings",
    author: ["Luo, Wenjie", "Li, Yujia", "Urtasun, Raquel", "Zemel, Richard"],
    title: "Understanding the Effective Receptive Field in Deep Convolutional Neural Networks",
    booktitle: "Advances in Neural Information Processing Systems",
    volume: "29",
    year: 2016,
  },
  "Ding et al. 2022": {
    key: "ding2022scaling",
    type: "inproceedings",
    author: ["Ding, Xiaohan", "Zhang, Xiangyu", "Han, Jungong", "Ding, Guiguang"],
    title: "Scaling Up Your Kernels to 31x31: Revisiting Large Kernel Design in {CNNs}",
    booktitle: "IEEE/CVF Conference on Computer Vision and Pattern Recognition (CVPR)",
    pages: "11963--11975",
    year: 2022,
  },
  "Zhou et al. 2016": {
    key: "zhou2016learning",
    type: "inproceedings",
    author: ["Zhou, Bolei", "Khosla, Aditya", "Lapedriza, Agata", "Oliva, Aude", "Torralba, Antonio"],
    title: "Learning Deep Features for Discriminative Localization",
    booktitle: "IEEE Conference on Computer Vision and Pattern Recognition (CVPR)",
    pages: "2921--2929",
    year: 2016,
    doi: "10.1109/CVPR.2016.319",
  },
  "Selvaraju et al. 2017": {
    key: "selvaraju2017gradcam",
    type: "inproceedings",
    author: [
      "Selvaraju, Ramprasaath R.",
      "Cogswell, Michael",
      "Das, Abhishek",
      "Vedantam, Ramakrishna",
      "Parikh, Devi",
      "Batra, Dhruv",
    ],
    title: "{Grad-CAM}: Visual Explanations from Deep Networks via Gradient-Based Localization",
    booktitle: "IEEE International Conference on Computer Vision (ICCV)",
    pages: "618--626",
    year: 2017,
    doi: "10.1109/ICCV.2017.74",
  },
  "Chattopadhay et al. 2018": {
    key: "chattopadhay2018gradcampp",
    type: "inproceedings",
    author: ["Chattopadhay, Aditya", "Sarkar, Anirban", "Howlader, Prantik", "Balasubramanian, Vineeth N."],
    title: "{Grad-CAM++}: Generalized Gradient-Based Visual Explanations for Deep Convolutional Networks",
    booktitle: "IEEE Winter Conference on Applications of Computer Vision (WACV)",
    pages: "839--847",
    year: 2018,
    doi: "10.1109/WACV.2018.00097",
  },
  "Omeiza et al. 2019": {
    key: "omeiza2019smooth",
    type: "misc",
    author: ["Omeiza, Daniel", "Speakman, Skyler", "Cintas, Celia", "Weldermariam, Komminist"],
    title:
      "Smooth {Grad-CAM++}: An Enhanced Inference Level Visualization Technique for Deep Convolutional Neural Network Models",
    year: 2019,
    eprint: "1908.01224",
  },
  "Fu et al. 2020": {
    key: "fu2020axiom",
    type: "inproceedings",
    author: ["Fu, Ruigang", "Hu, Qingyong", "Dong, Xiaohu", "Guo, Yulan", "Gao, Yinghui", "Li, Biao"],
    title: "Axiom-based {Grad-CAM}: Towards Accurate Visualization and Explanation of {CNNs}",
    booktitle: "British Machine Vision Conference (BMVC)",
    year: 2020,
    eprint: "2008.02312",
  },
  "Draelos & Carin 2020": {
    key: "draelos2020hirescam",
    type: "misc",
    author: ["Draelos, Rachel Lea", "Carin, Lawrence"],
    title: "Use {HiResCAM} instead of {Grad-CAM} for faithful explanations of convolutional neural networks",
    year: 2020,
    eprint: "2011.08891",
  },
  "Jiang et al. 2021": {
    key: "jiang2021layercam",
    type: "article",
    author: ["Jiang, Peng-Tao", "Zhang, Chang-Bin", "Hou, Qibin", "Cheng, Ming-Ming", "Wei, Yunchao"],
    title: "{LayerCAM}: Exploring Hierarchical Class Activation Maps for Localization",
    journal: "IEEE Transactions on Image Processing",
    volume: "30",
    pages: "5875--5888",
    year: 2021,
    doi: "10.1109/TIP.2021.3089943",
  },
  "Muhammad & Yeasin 2020": {
    key: "muhammad2020eigencam",
    type: "inproceedings",
    author: ["Muhammad, Mohammed Bany", "Yeasin, Mohammed"],
    title: "{Eigen-CAM}: Class Activation Map using Principal Components",
    booktitle: "International Joint Conference on Neural Networks (IJCNN)",
    year: 2020,
    doi: "10.1109/IJCNN48605.2020.9206626",
  },
  "Wang et al. 2020": {
    key: "wang2020scorecam",
    type: "inproceedings",
    author: [
      "Wang, Haofan",
      "Wang, Zifan",
      "Du, Mengnan",
      "Yang, Fan",
      "Zhang, Zijian",
      "Ding, Sirui",
      "Mardziel, Piotr",
      "Hu, Xia",
    ],
    title: "{Score-CAM}: Score-Weighted Visual Explanations for Convolutional Neural Networks",
    booktitle: "IEEE/CVF Conference on Computer Vision and Pattern Recognition Workshops (CVPRW)",
    year: 2020,
    doi: "10.1109/CVPRW50498.2020.00020",
  },
  "Desai & Ramaswamy 2020": {
    key: "desai2020ablationcam",
    type: "inproceedings",
    author: ["Desai, Saurabh", "Ramaswamy, Harish G."],
    title:
      "{Ablation-CAM}: Visual Explanations for Deep Convolutional Network via Gradient-free Localization",
    booktitle: "IEEE Winter Conference on Applications of Computer Vision (WACV)",
    pages: "972--980",
    year: 2020,
    doi: "10.1109/WACV45572.2020.9093360",
  },
  "pytorch-grad-cam": {
    key: "gildenblat2021pytorchgradcam",
    type: "misc",
    author: ["Gildenblat, Jacob", "{contributors}"],
    title: "{PyTorch} library for {CAM} methods",
    year: 2021,
    howpublished: "https://github.com/jacobgil/pytorch-grad-cam",
  },
  "Zhang et al. 2024": {
    key: "zhang2024opticam",
    type: "article",
    author: ["Zhang, Hanwei", "Torres, Felipe", "Sicre, Ronan", "Avrithis, Yannis", "Ayache, Stephane"],
    title: "{Opti-CAM}: Optimizing saliency maps for interpretability",
    journal: "Computer Vision and Image Understanding",
    volume: "248",
    year: 2024,
    eprint: "2301.07002",
  },
  "Petsiuk et al. 2018": {
    key: "petsiuk2018rise",
    type: "inproceedings",
    author: ["Petsiuk, Vitali", "Das, Abir", "Saenko, Kate"],
    title: "{RISE}: Randomized Input Sampling for Explanation of Black-box Models",
    booktitle: "British Machine Vision Conference (BMVC)",
    year: 2018,
    eprint: "1806.07421",
  },
};

/** erfit itself, of a version. */
export const software = (version: string): Reference => ({
  key: "erfit",
  type: "misc",
  author: ["{The erfit developers}"],
  title: "erfit: effective receptive fields as {Gaussians}, and class activation maps that respect them",
  year: 2026,
  note: `Version ${version}`,
});

/** The paper of a short citation such as "Kim et al. 2021, Eq. 8"; undefined where none is known. */
export function paperOf(citation: string): Reference | undefined {
  const [found] = Object.entries(papers).filter(([short]) => citation.startsWith(short));
  return found?.[1];
}

/** An entry of a BibTeX file. */
export function bibtexOf({ key, type, author, ...fields }: Reference): string {
  const { eprint, ...others } = fields;
  const all = {
    author: author.join(" and "),
    ...others,
    ...(eprint === undefined ? {} : { eprint, archiveprefix: "arXiv" }),
  };
  const lines = Object.entries(all).map(([name, value]) => `  ${name} = {${value}}`);
  return `@${type}{${key},\n${lines.join(",\n")}\n}`;
}
