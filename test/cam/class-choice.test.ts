import { expect, it } from "vitest";
import { classChoiceFrom, classesOf, isPredicted } from "../../src/cam/class-choice.ts";
import { tensor } from "../runtime/fake-network.ts";

const logits = tensor("logits", "Gemm", [1, 4]);
const scores = Float32Array.of(5, 7, 6, 1);
const names = ["bird", "cat", "dog", "top2"];
const choice = (...texts: readonly string[]) => classChoiceFrom(texts, names, logits);

it("the predicted class where none is named", () => {
  expect(choice()).toEqual({ given: [], top: 1 });
  expect([choice(), choice("top1"), choice("bird"), choice("top2")].map(isPredicted)).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

it("labels, indices and the highest scores together", () => {
  expect(choice("Dog", "0", "TOP2", "dog")).toEqual({ given: [2, 0], top: 2 });
  expect(classesOf({ given: [2, 0], top: 2 }, scores)).toEqual([2, 0, 1]);
  expect(classesOf({ given: [], top: 3 }, scores)).toEqual([1, 2, 0]);
});

it("of equal scores the first one comes first, as the graph chooses it", () => {
  expect(classesOf({ given: [], top: 1 }, Float32Array.of(5, 7, 7, 1))).toEqual([1]);
});

it.each([
  ["4", /class 4 does not exist: the model's output "logits" has 4 classes, 0 to 3/],
  ["top0", /class: top0: .*4 classes; expected top1 to top4/],
  ["top5", /class: top5: .*4 classes; expected top1 to top4/],
  ["cow", /"cow" is not one of the model's 4 classes/],
])("%s is refused", (text, message) => {
  expect(() => choice("bird", text)).toThrow(message);
});
