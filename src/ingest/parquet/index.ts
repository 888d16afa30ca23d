export { isParquet } from './file.ts';
export { parquetTable } from './read.ts';
