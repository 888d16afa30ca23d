/** Maps and profiles find their columns by one list of names. */
import { describe, expect, it } from 'vitest';
import { plateColumns } from '../../src/ingest/plate-columns.ts';
import { readPlateMap } from '../../src/ingest/plates/plate-map.ts';
import { profileColumns } from '../../src/ingest/profiles/columns.ts';

describe('columns of tables about plates', () => {
  it.each([
    ['JUMP-CP', ['Metadata_Plate', 'Metadata_Well', 'Metadata_JCP2022', 'Metadata_InChIKey'], { plate: 0, well: 1, compound: 2, inchiKey: 3, smiles: -1 }],
    ['a platemap of the Broad', ['well_position', 'broad_sample', 'mmoles_per_liter', 'pert_iname', 'pert_type', 'control_type', 'smiles'], { well: 0, compound: 1, concentration: 2, name: 3, treatmentType: 4, controlType: 5, smiles: 6, plate: -1 }],
    ['a laboratory', ['Barcode', 'Row', 'Col', 'Compound', 'Dose', 'is control', 'Canonical SMILES'], { plate: 0, row: 1, column: 2, name: 3, concentration: 4, control: 5, smiles: 6, well: -1 }],
    ['CellProfiler', ['Image_Metadata_Plate', 'Image_Metadata_Well', 'Cells_AreaShape_Area'], { plate: 0, well: 1, name: -1 }],
  ])('of %s', (_, header, expected) => {
    expect(plateColumns(header)).toMatchObject(expected);
  });

  it('are known to maps and profiles alike', () => {
    const header = ['assay_plate_barcode', 'Metadata_Well_Position', 'compound_id', 'Dose', 'molecule', 'Metadata_Control_Type'];
    const map = readPlateMap(`${header.join(',')}\nP1,B02,X-1,10,CCO,\nP1,B03,X-2,10,CCN,negcon\n`, 'map.csv');
    expect(map.contentOf('P1', 'B02')).toEqual({ compound: 'X-1', smiles: 'CCO', concentration: '10', control: '' });
    expect(map.contentOf('P1', 'B03')).toMatchObject({ control: 'negcon' });
    const { metadata, features } = profileColumns([...header, 'Cells_AreaShape_Area'], 'profiles.csv');
    expect(metadata).toMatchObject({ plate: 0, well: 1, compound: 2, concentration: 3, smiles: 4, controlType: 5 });
    // A dose says nothing of cells, marked as metadata or not.
    expect(features.map(({ name }) => name)).toEqual(['Cells_AreaShape_Area']);
  });
});
