import { z } from "zod";
import { limits } from "./limits.ts";
import { refuseTwice } from "./repeated_name.ts";

/** A field of a form. `name`, `email` and `phone` are those of the visitor itself. */
const formFieldSchema = z.strictObject({
  fieldId: z.string().regex(
    /^[a-z][A-Za-z0-9_]{0,63}$/,
    "a letter of a-z, then up to 63 of A-Z a-z 0-9 _",
  ).describe(
    "Its name in the form; name, email and phone are those of the visitor itself, and have that " +
      "type (name: text).",
  ),
  label: z.string().min(1).max(128).describe("What the visitor sees."),
  type: z.enum(["text", "textarea", "email", "phone", "radio", "select", "checkbox", "checkboxes"])
    .default("text").describe("What may be answered."),
  required: z.boolean().default(false).describe("It must be answered; a checkbox: be checked."),
  options: z.array(
    z.string().max(128).regex(/^\S(.*\S)?$/, "one line, without a space at either end").describe(
      "One of them.",
    ),
  ).max(100).default([]).describe(
    "What may be chosen, for radio and select (two at least) and checkboxes; none for others.",
  ),
}).describe("A field.");
/** A field of a form. */
export type FormField = z.infer<typeof formFieldSchema>;

/** A form: pre-chat, offline message, wrap-up. */
export const formSchema = z.strictObject({
  fields: z.array(formFieldSchema).max(limits.fieldsMax).default([]).describe("In this order."),
}).superRefine(({ fields }, context) => {
  refuseTwice(
    fields.map(({ fieldId }) => fieldId),
    (index) => ["fields", index, "fieldId"],
    context,
  );
  fields.forEach((field, index) => {
    const refuse = (key: string, message: string) =>
      context.addIssue({ code: "custom", path: ["fields", index, key], message });
    const type = identityTypes[field.fieldId];
    if (type !== undefined && field.type !== type) {
      refuse("type", `the visitor's ${field.fieldId} is a field of type ${type}`);
    }
    const least = optionsMin[field.type] ?? 0;
    if (least === 0 && field.options.length > 0) {
      refuse("options", `a field of type ${field.type} has no options`);
    } else if (field.options.length < least) {
      refuse("options", `a field of type ${field.type} needs options: ${least} at least`);
    }
    refuseTwice(field.options, (place) => ["fields", index, "options", place], context);
  });
});
/** A form: pre-chat, offline message, wrap-up. */
export type Form = z.infer<typeof formSchema>;

/** The types of the fields that are the visitor's own. */
const identityTypes: Readonly<Record<string, FormField["type"]>> = {
  name: "text",
  email: "email",
  phone: "phone",
};

/** How many options a type of field needs; others have none. */
const optionsMin: Readonly<Partial<Record<FormField["type"], number>>> = {
  radio: 2,
  select: 2,
  checkboxes: 1,
};

/** Answers by field id. */
export type Answers = Readonly<Record<string, string>>;

/** What is wrong with an answer: which field, and what is allowed there. */
export interface FormFault {
  readonly field: string;
  readonly message: string;
}

const emailPattern = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;
const phonePattern = /^[+0-9 ()./-]{3,32}$/;

/**
 * The first fault of the answers, or none. A required field must be answered, a choice be one of
 * the options, and nothing may be answered that was not asked. [PC1]
 */
export function checkForm(form: Form, answers: Answers): FormFault | undefined {
  for (const field of form.fields) {
    const answer = answers[field.fieldId]?.trim() ?? "";
    if (answer === "") {
      if (field.required) return { field: field.fieldId, message: `"${field.label}" is required` };
      continue;
    }
    if (field.required && field.type === "checkbox" && answer !== "true") {
      return { field: field.fieldId, message: `"${field.label}" must be checked` };
    }
    const message = faultOf(field, answer);
    if (message !== undefined) return { field: field.fieldId, message };
  }
  const known = new Set(form.fields.map((field) => field.fieldId));
  const stranger = Object.keys(answers).find((fieldId) => !known.has(fieldId));
  if (stranger === undefined) return undefined;
  return { field: stranger, message: "The form has no such field" };
}

function faultOf(field: FormField, answer: string): string | undefined {
  switch (field.type) {
    case "email":
      // Longer ones would cost the pattern much time.
      return answer.length <= limits.emailCharsMax && emailPattern.test(answer)
        ? undefined
        : `"${field.label}" must be an e-mail address`;
    case "phone":
      return phonePattern.test(answer) ? undefined : `"${field.label}" must be a telephone number`;
    case "radio":
    case "select":
      return field.options.includes(answer)
        ? undefined
        : `"${field.label}" must be one of ${field.options.join(", ")}`;
    case "checkboxes":
      return answer.split("\n").every((one) => field.options.includes(one))
        ? undefined
        : `"${field.label}" must be some of ${field.options.join(", ")}`;
    case "checkbox":
      return answer === "true" || answer === "false"
        ? undefined
        : `"${field.label}" must be true or false`;
    default:
      return undefined;
  }
}
