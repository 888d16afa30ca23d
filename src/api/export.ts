/** Files of records: types of `POST /v1/export`, and the formats in which hits can be had as well. */
import * as z from 'zod';

/** What an answer can be beside JSON. */
export const FILE_FORMATS = {
  sdf: { mediaType: 'chemical/x-mdl-sdfile', extension: '.sdf' },
  smiles: { mediaType: 'chemical/x-daylight-smiles', extension: '.smi' },
  csv: { mediaType: 'text/csv', extension: '.csv' },
  jsonl: { mediaType: 'application/x-ndjson', extension: '.jsonl' },
} as const;

export const FILE_FORMAT_IDS = ['sdf', 'smiles', 'csv', 'jsonl'] as const;
export const fileFormatSchema = z.enum(FILE_FORMAT_IDS);
export type FileFormat = z.output<typeof fileFormatSchema>;

/** As `?format=`: it goes before the Accept header. */
export const ANSWER_FORMAT_IDS = ['json', ...FILE_FORMAT_IDS] as const;
export const answerFormatSchema = z.strictObject({
  format: z.enum(ANSWER_FORMAT_IDS).optional().meta({ description: 'In which format to answer; by the Accept header where absent.' }),
});
export type AnswerFormat = (typeof ANSWER_FORMAT_IDS)[number];

export const MAX_EXPORT_RECORDS = 10_000;
export const MAX_EXPORT_BYTES = 8 * 1024 * 1024;
const MAX_FIELDS = 200;
const MAX_NAME = 200;
const MAX_VALUE = 10_000;

const fieldName = z.string().min(1).max(MAX_NAME);
const fieldsSchema = z.record(fieldName, z.union([z.string().max(MAX_VALUE), z.number(), z.boolean(), z.null()]))
  .refine((fields) => Object.keys(fields).length <= MAX_FIELDS, `Expected at most ${MAX_FIELDS} fields`);

export const exportRecordSchema = z.strictObject({
  smiles: z.string().min(1).max(MAX_VALUE),
  id: z.string().max(MAX_NAME),
  fields: fieldsSchema.optional().meta({ description: 'Further columns. One that is called "id" or "smiles" gets another name.' }),
}).meta({ id: 'ExportRecord' });

export const exportRequestSchema = z.strictObject({
  format: fileFormatSchema,
  records: z.array(exportRecordSchema).min(1).max(MAX_EXPORT_RECORDS),
  name: z.string().max(MAX_NAME).optional().meta({ description: 'Name of the file; its extension is added where it lacks it.' }),
  provenance: z.record(fieldName, z.string().max(MAX_VALUE)).optional().meta({
    description: 'Where the records come from: data of every SDF record, the last columns of a CSV, the key "provenance" in JSONL.',
  }),
}).meta({ id: 'ExportRequest' });

export type ExportRequest = z.output<typeof exportRequestSchema>;
export type ExportRecord = z.output<typeof exportRecordSchema>;
