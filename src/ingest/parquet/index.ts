export { isParquet } from './file.ts';
export { parquetTable } from './read.ts';
export { parquetGroups } from './groups.ts';
