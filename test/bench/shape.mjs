/**
 * Whether three dimensions would pay: scaffold hops (a set of `isolens evaluate mine-hops`) ranked by the shapes and pharmacophores of conformers,
 * beside torsions and ECFP4 on the same cases. Shapes are moments of distances from four points, of all heavy atoms and of those of each role
 * (USRCAT: Schreyer and Blundell 2012, doi:10.1186/1758-2946-4-27), of one conformer that OpenChemLib makes.
 *
 *   node test/bench/shape.mjs --data hops.json.gz [--every 3] [--decoys 60] [--json]
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { ChemPool, ECFP4, TORSION, tanimoto } from '../../dist/chem/index.js';

const OCL = await import('openchemlib');
const { values } = parseArgs({ options: { data: { type: 'string' }, every: { type: 'string', default: '3' }, decoys: { type: 'string', default: '60' }, json: { type: 'boolean', default: false } } });
OCL.Resources.registerFromNodejs();
const rdkit = await createRequire(import.meta.url)('@rdkit/rdkit')();
/** Roles, as SMARTS. */
const ROLES = ['*', '[#6+0!$(*~[#7,#8,F]),SH0+0v2,s+0,Cl,Br,I]', 'a', '[$([O,S;H1;v2]-[!$(*=[O,N,P,S])]),$([O,S;H0;v2]),$([O,S;-]),$([N;v3;!$(N-*=!@[O,N,P,S])]),$([nH0,o,s;+0])]', '[N!H0v3,N!H0+v4,OH+0,SH+0,nH+0]'];
const queries = ROLES.map((smarts) => rdkit.get_qmol(smarts));

function matched(mol, query) {
  const found = JSON.parse(mol.get_substruct_matches(query));
  return Array.isArray(found) ? found.map(({ atoms }) => atoms[0]) : [];
}

/** Mean, spread and skew of distances. */
function momentsOf(distances) {
  const n = Math.max(1, distances.length);
  const mean = distances.reduce((sum, d) => sum + d, 0) / n;
  const central = (power) => distances.reduce((sum, d) => sum + (d - mean) ** power, 0) / n;
  return [mean, Math.sqrt(central(2)), Math.cbrt(central(3))];
}

function describe(points, roles) {
  const distance = (p, q) => Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]);
  const centre = [0, 1, 2].map((axis) => points.reduce((sum, p) => sum + p[axis], 0) / points.length);
  const extreme = (from, sign) => points.reduce((best, p) => (sign * distance(p, from) > sign * distance(best, from) ? p : best));
  const [closest, farthest] = [extreme(centre, -1), extreme(centre, 1)];
  const references = [centre, closest, farthest, extreme(farthest, 1)];
  return Float64Array.from(roles.flatMap((atoms) => references.flatMap((reference) => momentsOf(atoms.map((a) => distance(points[a], reference))))));
}

const generator = new OCL.ConformerGenerator(1);
const described = new Map();
/** None without a conformer; the molblock keeps the order of heavy atoms, so that RDKit's matches name them. */
function shapesOf(smiles) {
  const known = described.get(smiles);
  if (known !== undefined) return known;
  const shapes = [];
  try {
    const molecule = OCL.Molecule.fromSmiles(smiles);
    const heavy = molecule.getAllAtoms();
    const mol = rdkit.get_mol(molecule.toMolfile());
    const roles = queries.map((query) => matched(mol, query));
    mol.delete();
    const conformer = generator.getOneConformerAsMolecule(molecule);
    if (conformer !== null) shapes.push(describe(Array.from({ length: heavy }, (_, a) => [conformer.getAtomX(a), conformer.getAtomY(a), conformer.getAtomZ(a)]), roles));
  } catch { /* without a conformer it ranks last */ }
  described.set(smiles, shapes);
  return shapes;
}

function shapeSimilarity(a, b) {
  let best = 0;
  for (const one of shapesOf(a)) for (const other of shapesOf(b)) best = Math.max(best, 1 / (1 + one.reduce((sum, value, i) => sum + Math.abs(value - other[i]), 0) / one.length));
  return best;
}

const cases = JSON.parse(gunzipSync(readFileSync(values.data))).cases.filter((_, i) => i % Number(values.every) === 0).map((one) => ({ ...one, decoys: one.decoys.slice(0, Number(values.decoys)) }));
const all = [...new Set(cases.flatMap(({ query, target, decoys }) => [query, target, ...decoys]))];
const chem = new ChemPool({ workers: 1 });
const batch = await chem.featurise(all, { bits: { ecfp4: ECFP4, torsion: TORSION } });
await chem.close();
const rowOf = new Map(Array.from(batch.rows, (index, row) => [all[index], row]));
const fingerprint = (name) => (a, b) => {
  const { data, bytes } = batch.bits[name];
  const [p, q] = [rowOf.get(a), rowOf.get(b)];
  return p === undefined || q === undefined ? 0 : tanimoto(data.subarray(p * bytes, (p + 1) * bytes), data.subarray(q * bytes, (q + 1) * bytes));
};
const started = performance.now();
for (const smiles of all) shapesOf(smiles);
const msPerMolecule = Number(((performance.now() - started) / all.length).toFixed(1));
const methods = { shape: shapeSimilarity, torsion: fingerprint('torsion'), ecfp4: fingerprint('ecfp4'), 'shape + torsion': (a, b) => shapeSimilarity(a, b) + fingerprint('torsion')(a, b) };
const table = Object.entries(methods).map(([method, similarity]) => {
  const ranks = cases.map(({ query, target, decoys }) => {
    const own = similarity(query, target);
    const others = decoys.map((decoy) => similarity(query, decoy));
    return { auc: others.reduce((sum, s) => sum + (s < own ? 1 : s === own ? 0.5 : 0), 0) / others.length, isTop5: others.filter((s) => s >= own).length < 5 };
  });
  return { method, cases: ranks.length, auc: Number((ranks.reduce((sum, { auc }) => sum + auc, 0) / ranks.length).toFixed(3)), top5: Number((ranks.filter(({ isTop5 }) => isTop5).length / ranks.length).toFixed(3)) };
});
const result = { molecules: all.length, withoutConformer: all.filter((smiles) => shapesOf(smiles).length === 0).length, msPerMolecule, table };
if (values.json) console.log(JSON.stringify(result, null, 1));
else {
  console.table(table);
  console.log(`${result.molecules} molecules, ${result.withoutConformer} without a conformer, ${msPerMolecule} ms each`);
}
