import { Converter, LiteralType, ReflectionKind, UnionType } from "typedoc";

/**
 * Writes the names of a table (`keyof typeof camMethods`) out in the API reference: the reader wants to know which there are.
 * @param {import("typedoc").Application} app
 */
export function load(app) {
  app.converter.on(Converter.EVENT_CREATE_DECLARATION, (context, reflection) => {
    if (reflection.kind !== ReflectionKind.TypeAlias || reflection.type?.type !== "typeOperator") return;
    const symbol = context.getSymbolFromReflection(reflection);
    const type = symbol && context.checker.getDeclaredTypeOfSymbol(symbol);
    if (type?.isUnion() && type.types.every((one) => one.isStringLiteral()))
      reflection.type = new UnionType(type.types.map(({ value }) => new LiteralType(value)));
  });
}
