/** What a page takes for the reader's own, in Python, by page. */
export const preludes: Readonly<Record<string, string>> = {
  "docs/python.md": `
import torch
torch.manual_seed(0)
layer = torch.nn.Conv2d(3, 5, 3, stride=2, padding=1)
model = torch.nn.Sequential(layer, torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(2880, 4))
image = torch.randn(1, 3, 48, 48)
`,
};
