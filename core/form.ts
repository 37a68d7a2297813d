import { z } from "zod";
import { limits } from "./limits.ts";

/** A field of a form. `name`, `email` and `phone` are those of the visitor itself. */
const formFieldSchema = z.strictObject({
  fieldId: z.string().regex(/^[a-z][A-Za-z0-9_]{0,63}$/, "a letter, then up to 63 of a-z 0-9 _"),
  label: z.string().min(1).max(128),
  type: z.enum(["text", "textarea", "email", "phone", "radio", "select", "checkbox", "checkboxes"])
    .default("text"),
  required: z.boolean().default(false),
  /** What may be chosen, for radio, select and checkboxes (chosen ones divided by line breaks). */
  options: z.array(z.string().min(1).max(128)).max(100).default([]),
});
/** A field of a form. */
export type FormField = z.infer<typeof formFieldSchema>;

/** A form: pre-chat, offline message, wrap-up. */
export const formSchema = z.strictObject({
  fields: z.array(formFieldSchema).max(limits.fieldsMax).default([]),
});
/** A form: pre-chat, offline message, wrap-up. */
export type Form = z.infer<typeof formSchema>;

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
