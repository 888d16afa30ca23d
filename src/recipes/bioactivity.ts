import { defineRecipe } from './define.ts';

const FSMOL = 'activity/fsmol_train.csv.gz';
const MORE = 'activity/more';
const SIMPD = `${MORE}/chembl-simpd/activities.tsv.gz`;
const SEA = `${MORE}/sea-chembl20`;
const MOLECULES = `${SEA}/molecules.tsv.gz`;
const CYP = `${MORE}/cyp-kekulescope/cyp450_inhibition.tsv.gz`;
const PROTEINS = `${MORE}/cyp-kekulescope/kekulescope_pic50.tsv.gz`;
const CHANNELS = `${MORE}/cardiac-channels/activities.tsv.gz`;
const BACTERIA = `${MORE}/antibacterial-screens/screens.tsv.gz`;
const KINASES = `${MORE}/kinase-panels/pkis2_percent_inhibition.tsv.gz`;
/** Of a protein of several species: 5HT1A of 5HT1A_HUMAN and 5HT1A_RAT. */
const PROTEIN = { table: `${SEA}/targets.tsv.gz`, key: 'target_chembl_id', value: 'uniprot_entry_name', until: '_' } as const;

/** What is alike to a protein shows in environments, in the same with roles in place of elements, in pairs of roles, and in runs of four atoms. */
const view = {
  modality: 'fingerprint',
  modalityConfig: {
    radius: 2, bits: 4096, transform: 'log1p',
    beside: [{ kind: 'feature-morgan', radius: 2, bits: 2048 }, { kind: 'pharmacophore-pair', bits: 560 }, { kind: 'topological-torsion', bits: 2048 }],
  },
  encoder: 'mlp',
  encoderConfig: 'base',
  encoderOverrides: { hidden: [768, 512], inputDropout: 0.2, dropout: 0.2 },
  projection: { layers: 1, hidden: 512 },
} as const;

/**
 * A structure encoder that knows activity: actives of one assay attract each other, everything else repels. Few inactives: as
 * anchors they have nothing but themselves to be close to, and teach the encoder to tell molecules apart rather than to bring
 * them together.
 */
export const bioactivity = defineRecipe({
  id: 'bioactivity',
  summary: 'Actives of one assay side by side: supervised contrast over measured activities, two dropout views of every molecule.',
  references: ['Khosla et al. 2020, arXiv:2004.11362 (SupCon)', 'Seidl et al. 2023, arXiv:2303.03363 (CLAMP)', 'Stanley et al. 2021, FS-Mol', 'Keiser et al. 2007, doi:10.1038/nbt1284 (sets of ligands by target)'],
  towers: [{ ...view, name: 'activity' }, { ...view, name: 'view', weightsOf: 'activity', augmentation: { evalDrop: 0.3 } }],
  embeddingDimension: 128,
  // Vendor molecules: what an activity makes of a molecule is how it differs from these.
  components: { background: { file: 'molecules/zinc250k.smi.gz', limit: 20_000 } },
  losses: [{ objective: 'sup-con', config: { temperature: 0.1 }, between: ['activity', 'view'] }],
  sources: [
    { file: FSMOL, column: 'smiles' },
    { file: MOLECULES, column: 'smiles' },
    { file: SIMPD, column: 'smiles' },
    ...[CYP, PROTEINS, CHANNELS, BACTERIA, KINASES].map((file) => ({ file, column: 'smiles' })),
  ],
  measurements: {
    tables: [
      { file: FSMOL, molecule: 'smiles', assay: 'assay', outcome: { column: 'active' }, leaveOut: 0.1 },
      // Sets of molecules that bind a target, in any assay and of any chemotype. There are no inactives among them.
      {
        file: `${SEA}/pairs.tsv.gz`,
        molecule: { column: 'molecule_chembl_id', in: { table: MOLECULES, key: 'molecule_chembl_id', value: 'smiles' } },
        assay: { column: 'target_chembl_id', in: PROTEIN },
        outcome: { column: 'best_nM', activeUpTo: 1000, inactiveAbove: 10_000 }, isOfTargets: true, weight: 2, leaveOut: 0.1,
      },
      // Single assays by their identifiers, and sets of inhibition constants by the target's (CHEMBL3729-1).
      {
        file: SIMPD, molecule: 'smiles',
        assay: { column: 'set', until: '-', in: PROTEIN },
        outcome: { column: 'pchembl', activeFrom: 6.5, inactiveBelow: 5.5 }, only: [{ column: 'relation', is: ['='] }],
      },
      { file: PROTEINS, molecule: 'smiles', assay: 'target_or_cell', outcome: { column: 'pIC50', activeFrom: 6.5, inactiveBelow: 5.5 } },
      { file: CHANNELS, molecule: 'smiles', assay: 'channel', outcome: { column: 'pIC50', activeFrom: 6, inactiveBelow: 5 } },
      { file: CYP, molecule: 'smiles', assay: 'isoform', outcome: { column: 'inhibitor' } },
      { file: BACTERIA, molecule: 'smiles', assay: 'screen', outcome: { column: 'active' } },
      // Four hundred kinases, but six hundred molecules: drawn as often as the others, these would be learned by heart.
      { file: KINASES, molecule: 'smiles', assay: 'kinase', outcome: { column: 'percent_inhibition_1uM', activeFrom: 80, inactiveBelow: 50 }, weight: 0.15 },
    ],
    perAssay: 32, actives: 26,
    measuredOn: [{ file: 'activity/fsmol_valid.csv.gz', molecule: 'smiles' }],
  },
  validationMolecules: 1000,
  training: {
    steps: 8000, batchSize: 768, learningRate: 1e-3, warmupSteps: 100, finalFraction: 0.01, weightDecay: 0.02, clipNorm: 5,
    precision: 'bf16', validateEvery: 8000, checkpointEvery: 50, logEvery: 10, seed: 1,
  },
});
