import ts from "typescript";
import { cannotRead, type Declaration, docBefore, withoutCast } from "./declarations.ts";
import type { Field, WireType } from "./wire_type.ts";

/** Values that schemas compute with, by name: `limits`, `refusalCodes`. */
export type Values = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/**
 * Reads zod schemas from their source text. zod itself keeps neither the comments nor the names of
 * shared schemas, and a reader of the documents needs both.
 */
export class SchemaReader {
  readonly #declarations: ReadonlyMap<string, Declaration>;
  readonly #values: Values;

  constructor(declarations: readonly Declaration[], values: Values) {
    this.#declarations = new Map(declarations.map((one) => [one.name, one]));
    this.#values = values;
  }

  /** The declaration of a name; throws when there is none. */
  find(name: string): Declaration {
    const found = this.#declarations.get(name);
    if (found === undefined) throw new Error(`No const ${name} in the schema files`);
    return found;
  }

  /** The members of `z.discriminatedUnion("type", [a, ...b])` or `[a, b]`, by name. */
  memberNames(list: ts.Expression): string[] {
    const value = withoutCast(list);
    if (ts.isCallExpression(value)) return this.memberNames(argument(value, 1));
    if (!ts.isArrayLiteralExpression(value)) {
      return cannotRead(list, "a list of schemas is expected");
    }
    return value.elements.flatMap((element) => {
      if (ts.isSpreadElement(element)) {
        return this.memberNames(this.find(element.expression.getText()).value);
      }
      return ts.isIdentifier(element) ? [element.text] : cannotRead(element, "a name is expected");
    });
  }

  /** The type of a schema expression. An exported schema is named; others are read in place. */
  read(schema: ts.Expression): WireType {
    const node = withoutCast(schema);
    if (ts.isIdentifier(node)) return this.#readName(node);
    if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) {
      return cannotRead(node, "a call of zod is expected");
    }
    const { expression: target, name } = node.expression;
    if (target.getText() === "z") return this.#readBase(node, name.text);
    return this.#readMethod(node, name.text, this.read(target));
  }

  #readName(node: ts.Identifier): WireType {
    const { name, exported, value } = this.find(node.text);
    if (exported) return { type: "named", name: typeNameOf(name), notes: [] };
    return this.read(value);
  }

  #readBase(call: ts.CallExpression, name: string): WireType {
    const notes: string[] = [];
    switch (name) {
      case "string":
        return { type: "string", notes };
      case "int":
        return { type: "integer", notes };
      case "boolean":
        return { type: "boolean", notes };
      case "literal":
        if (argument(call, 0).kind === ts.SyntaxKind.TrueKeyword) {
          return { type: "boolean", notes: ["only `true`"] };
        }
        return { type: "literal", value: this.#string(argument(call, 0)), notes };
      case "enum":
        return this.#readEnum(argument(call, 0));
      case "array":
        return { type: "array", of: this.read(argument(call, 0)), notes };
      case "record": {
        const [key, value] = [this.read(argument(call, 0)), this.read(argument(call, 1))];
        return { type: "record", key, value, notes };
      }
      case "strictObject":
        return { type: "object", fields: this.fields(argument(call, 0)), notes };
      case "discriminatedUnion": {
        const list = withoutCast(argument(call, 1));
        if (!ts.isArrayLiteralExpression(list)) return cannotRead(list, "a list is expected");
        const members = list.elements.map((element) => this.read(element));
        return { type: "union", tag: this.#string(argument(call, 0)), members, notes };
      }
      default:
        return cannotRead(call, `teach docs/generator/schema_reader.ts z.${name}`);
    }
  }

  #readEnum(list: ts.Expression): WireType {
    const value = withoutCast(list);
    if (ts.isCallExpression(value) && value.getText() === "Object.keys(refusalCodes)") {
      return { type: "named", name: "RefusalCode", notes: [] };
    }
    if (!ts.isArrayLiteralExpression(value)) return cannotRead(list, "a list is expected");
    return { type: "enum", values: value.elements.map((one) => this.#string(one)), notes: [] };
  }

  #readMethod(call: ts.CallExpression, name: string, type: WireType): WireType {
    const noted = (place: number) => ({
      ...type,
      notes: [...type.notes, this.#string(argument(call, place))],
    });
    switch (name) {
      case "min":
      case "max":
        return { ...type, [name]: this.#number(argument(call, 0)) };
      case "regex":
      case "refine":
        return noted(1);
      case "brand":
      case "optional":
      case "describe": // for docs/CONFIGURATION.md
        return type;
      case "nullable":
        return { ...type, notes: [...type.notes, "or `null`"] };
      case "extend": {
        const base = type.type === "named" ? this.#resolve(type.name) : type;
        if (base.type !== "object") return cannotRead(call, "only an object can be extended");
        return { ...base, fields: [...base.fields, ...this.fields(argument(call, 0))] };
      }
      default:
        return cannotRead(call, `teach docs/generator/schema_reader.ts .${name}()`);
    }
  }

  #resolve(typeName: string): WireType {
    const found = [...this.#declarations.values()].find(({ name }) =>
      typeNameOf(name) === typeName
    );
    if (found === undefined) throw new Error(`No schema makes the type ${typeName}`);
    return this.read(found.value);
  }

  /** The fields of an object literal of schemas. */
  fields(literal: ts.Expression): Field[] {
    if (!ts.isObjectLiteralExpression(literal)) return cannotRead(literal, "an object is expected");
    return literal.properties.map((property) => {
      const doc = docBefore(property);
      const name = property.name?.getText() ?? "";
      if (ts.isShorthandPropertyAssignment(property)) {
        const type = this.read(property.name);
        return { name, doc, optional: false, type };
      }
      if (!ts.isPropertyAssignment(property)) return cannotRead(property, "a field is expected");
      const { initializer } = property;
      const optional = initializer.getText().endsWith(".optional()");
      return { name, doc, optional, type: this.read(initializer) };
    });
  }

  #number(node: ts.Expression): number {
    const value = this.#value(node);
    return typeof value === "number" ? value : cannotRead(node, "a number is expected");
  }

  #string(node: ts.Expression): string {
    const value = this.#value(node);
    return typeof value === "string" ? value : cannotRead(node, "a string is expected");
  }

  #value(node: ts.Expression): unknown {
    if (ts.isStringLiteralLike(node)) return node.text;
    if (ts.isNumericLiteral(node)) return Number(node.text);
    if (ts.isTemplateExpression(node)) {
      const spans = node.templateSpans.map(({ expression, literal }) =>
        Number(this.#value(expression)).toLocaleString("en") + literal.text
      );
      return node.head.text + spans.join("");
    }
    if (ts.isPropertyAccessExpression(node)) {
      const value = this.#values[node.expression.getText()]?.[node.name.text];
      if (value !== undefined) return value;
    }
    return cannotRead(node, "its value is not known here");
  }
}

/** chatIdSchema makes the type ChatId. */
export function typeNameOf(schemaName: string): string {
  const name = schemaName.replace(/Schema$/, "");
  return name.slice(0, 1).toUpperCase() + name.slice(1);
}

function argument(call: ts.CallExpression, place: number): ts.Expression {
  return call.arguments[place] ?? cannotRead(call, `argument ${place + 1} is missing`);
}
