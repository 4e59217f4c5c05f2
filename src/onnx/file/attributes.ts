import {
  AttributeProto_AttributeType as Type,
  type AttributeProto,
  type NodeProto,
  type TensorProto,
} from "onnx-buf";

/** A node's attributes, typed; each accessor takes the default that the specification gives. */
export interface Attributes {
  readonly int: (name: string, absent: number) => number;
  readonly flag: (name: string, absent: boolean) => boolean;
  readonly float: (name: string, absent: number) => number;
  readonly text: (name: string, absent: string) => string;
  readonly numbers: (name: string) => readonly number[] | undefined;
  readonly tensor: (name: string) => TensorProto | undefined;
}

const decoder = new TextDecoder();

/** The shortest decimal number that is the same float32: 0.01, where the file's 32 bits read 0.009999999776482582. */
export function shortest(value: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const candidate = Number(value.toPrecision(digits));
    if (Math.fround(candidate) === value) return candidate;
  }
  return value;
}

/** A number, whether the exporter wrote it as an integer or as a float. */
const scalarOf = (attribute: AttributeProto): number =>
  attribute.type === Type.FLOAT ? shortest(attribute.f) : Number(attribute.i);

export function attributesOf(node: NodeProto): Attributes {
  const find = (name: string) => node.attribute.find((attribute) => attribute.name === name);
  const scalar = (name: string, absent: number): number => {
    const attribute = find(name);
    return attribute === undefined ? absent : scalarOf(attribute);
  };
  return {
    int: scalar,
    float: scalar,
    flag: (name, absent) => scalar(name, absent ? 1 : 0) !== 0,
    text: (name, absent) => {
      const attribute = find(name);
      return attribute === undefined ? absent : decoder.decode(attribute.s);
    },
    numbers: (name) => {
      const attribute = find(name);
      if (attribute === undefined) return undefined;
      if (attribute.type === Type.FLOATS) return attribute.floats.map(shortest);
      return attribute.type === Type.INTS ? attribute.ints.map(Number) : [scalarOf(attribute)];
    },
    tensor: (name) => find(name)?.t,
  };
}
