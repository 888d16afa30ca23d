/**
 * What textbooks and reviews call isosteres of a group, as far as the shipped table has measured them: written down from general knowledge of
 * the field, after Patani & LaVoie 1996 (doi:10.1021/cr950066q), Meanwell 2011 (10.1021/jm1013693) and 2018 (10.1021/acs.jmedchem.7b01788),
 * Ballatore et al. 2013 (10.1002/cmdc.201200585), Lassalas et al. 2016 (10.1021/acs.jmedchem.5b01963) and Kumari et al. 2020
 * (10.1021/acs.jmedchem.0c00530); single pairs are not quoted from them. Fragments as the chemistry workers write them, each followed by what stands
 * in its place; either is an isostere of the other.
 */
export const TEXTBOOK: readonly (readonly [from: string, to: string])[] = ([
  ['[*:1]C(=O)O', `
    [*:1]C(=O)NO [*:1]C(=O)NOC [*:1]S(=O)(=O)O [*:1]S(=O)(=O)N [*:1]C(=O)NS(=O)(=O)C [*:1]C(=O)NS(=O)(=O)c1ccccc1
    [*:1]C(=O)NS(=O)(=O)C(F)(F)F [*:1]c1nnn[nH]1 [*:1]c1nn[nH]c1 [*:1]c1nnc[nH]1 [*:1]c1noc(=O)[nH]1 [*:1]c1n[nH]c(=O)o1 [*:1]B(O)O
    [*:1]NS(=O)(=O)C(F)(F)F [*:1]C(=O)N [*:1]S(=O)(=O)C [*:1]CS(=O)(=O)O [*:1]S(=O)(=O)NC [*:1]C(O)C(F)(F)F
  `],
  ['[*:1]C(=O)N[*:2]', `
    [*:2]C(=O)N[*:1] [*:1]S(=O)(=O)N[*:2] [*:2]S(=O)(=O)N[*:1] [*:1]NC(=O)N[*:2] [*:2]NC(=O)O[*:1] [*:1]NC(=O)O[*:2] [*:1]C(=S)N[*:2]
    [*:1]C(=O)O[*:2] [*:2]C(=O)O[*:1] [*:2]n1nnc([*:1])c1 [*:1]n1nnc([*:2])c1 [*:2]c1nc([*:1])on1 [*:1]c1nc([*:2])on1
    [*:1]c1nnc([*:2])o1 [*:1]c1nnc([*:2])s1 [*:1]c1nc([*:2])cs1 [*:2]c1nc([*:1])cs1 [*:1]c1ncc([*:2])[nH]1 [*:2]c1ncc([*:1])[nH]1
    [*:1]c1n[nH]c([*:2])c1 [*:1]c1noc([*:2])c1 [*:1]C(=O)C[*:2] [*:2]C(=O)C[*:1] [*:2]NC[*:1] [*:1]C(N[*:2])C(F)(F)F [*:1]C=C[*:2]
    [*:1]C(O)C[*:2] [*:2]N(C)C([*:1])=O [*:1]NC(=S)N[*:2] [*:1]C(=O)NN[*:2] [*:2]OC[*:1] [*:1]COC[*:2]
  `],
  ['[*:1]C(=O)NC', `
    [*:1]NC(=O)C [*:1]C(=O)OC [*:1]S(=O)(=O)NC [*:1]NS(=O)(=O)C [*:1]NC(=O)NC [*:1]C(=O)CC [*:1]c1nnc(C)o1 [*:1]c1nc(C)no1
    [*:1]c1nc(C)on1 [*:1]c1ocnc1 [*:1]c1ncco1 [*:1]c1ncc[nH]1 [*:1]C#N [*:1]C(=O)N(C)C [*:1]C(=O)N
  `],
  ['[*:1]C(=O)N', `
    [*:1]S(=O)(=O)N [*:1]C#N [*:1]C(=O)C [*:1]NC(=O)N [*:1]C(=S)N [*:1]C(=N)N [*:1]NC=O [*:1]NC(=O)C [*:1]C(=O)OC [*:1]c1ncc[nH]1
    [*:1]c1nnc[nH]1 [*:1]S(=O)(=O)C [*:1]C(=O)NO
  `],
  ['[*:1]NC(=O)C', '[*:1]NS(=O)(=O)C [*:1]NC(=O)N [*:1]NC(=O)NC [*:1]NC(=O)OC [*:1]NC(=S)C [*:1]OC(=O)C [*:1]NCC [*:1]C(=O)C [*:1]NC=O'],
  ['[*:1]c1cc(O)ccc1', `
    [*:1]c1cc(CO)ccc1 [*:1]c1cc(ccc1)NS(=O)(=O)C [*:1]c1cc(N)ccc1 [*:1]c1cc(F)ccc1 [*:1]c1cc(OC)ccc1 [*:1]c1cc(ccc1)C(=O)N
    [*:1]c1cc(C#N)ccc1 [*:1]c1cccc(c1)NC(=O)C [*:1]c1cc(Cl)ccc1 [*:1]c1cc(C)ccc1 [*:1]c1cc(CN)ccc1 [*:1]c1cc(ccc1)S(=O)(=O)N
    [*:1]c1cc(NC)ccc1 [*:1]c1cc(ccc1)OC(F)F [*:1]c1cc2cn[nH]c2cc1 [*:1]c1cc2n[nH]cc2cc1 [*:1]c1cc2[nH]ccc2cc1 [*:1]c1cc2cc[nH]c2cc1
    [*:1]c1cc2nc[nH]c2cc1 [*:1]c1cc2[nH]c(=O)[nH]c2cc1 [*:1]c1cc2nn[nH]c2cc1 [*:1]c1cccc2[nH]ccc12 [*:1]c1cccc2n[nH]cc21
    [*:1]c1ccc(=O)[nH]c1 [*:1]c1ccncc1 [*:1]c1cccnc1 [*:1]c1ccccc1 [*:1]c1cc(F)cc(O)c1 [*:1]c1cc(F)c(O)cc1 [*:1]c1cc(O)c(O)cc1
  `],
  ['[*:1]c1ccc(O)cc1', `
    [*:1]c1ccc(cc1)CO [*:1]c1ccc(cc1)NS(=O)(=O)C [*:1]c1ccc(N)cc1 [*:1]c1ccc(F)cc1 [*:1]c1ccc(OC)cc1 [*:1]c1ccc(cc1)C(=O)N
    [*:1]c1ccc(C#N)cc1 [*:1]c1ccc(cc1)NC(=O)C [*:1]c1ccc(Cl)cc1 [*:1]c1ccc(C)cc1 [*:1]c1ccc(cc1)CN [*:1]c1ccc(cc1)S(=O)(=O)N
    [*:1]c1cc2cn[nH]c2cc1 [*:1]c1cc2n[nH]cc2cc1 [*:1]c1cc2[nH]ccc2cc1 [*:1]c1cc2cc[nH]c2cc1 [*:1]c1cc2nc[nH]c2cc1
    [*:1]c1cc2[nH]c(=O)[nH]c2cc1 [*:1]c1cc2nn[nH]c2cc1 [*:1]c1cccc2[nH]ccc12 [*:1]c1ccc(=O)[nH]c1 [*:1]c1ccncc1 [*:1]c1cccnc1
    [*:1]c1ccccc1 [*:1]c1cc(F)c(O)cc1 [*:1]c1cc(O)c(O)cc1
  `],
  ['[*:1]c1cc(O)c(O)cc1', '[*:1]c1cc(O)cc(O)c1 [*:1]c1cc2OCOc2cc1 [*:1]c1cc(OC)c(O)cc1 [*:1]c1cc(F)c(O)cc1'],
  ['[*:1]O', `
    [*:1]N [*:1]F [*:1]CO [*:1]NS(=O)(=O)C [*:1]NC(=O)N [*:1]NC=O [*:1]OC [*:1]S [*:1]C(F)F [*:1]C(=O)N [*:1]C [*:1]NC
    [*:1]NC(=O)C
  `],
  ['[*:1]c1cccnc1', `
    [*:1]c1ccncc1 [*:1]c1ncccc1 [*:1]c1ccccc1 [*:1]c1cncnc1 [*:1]c1ncncc1 [*:1]c1ncccn1 [*:1]c1nccnc1 [*:1]c1ccnnc1 [*:1]c1nnccc1
    [*:1]c1scnc1 [*:1]c1nccs1 [*:1]c1ncsc1 [*:1]c1ocnc1 [*:1]c1ncco1 [*:1]c1ncoc1 [*:1]c1ncn(C)c1 [*:1]c1cncn1C [*:1]c1nccn1C
    [*:1]c1nc[nH]c1 [*:1]c1ncc[nH]1 [*:1]c1cnn(C)c1 [*:1]c1cn[nH]c1 [*:1]c1n[nH]cc1 [*:1]c1nn(C)cc1 [*:1]c1ccnn1C [*:1]c1conc1
    [*:1]c1nocc1 [*:1]c1oncc1 [*:1]c1ccsc1 [*:1]c1sccc1 [*:1]c1ccoc1 [*:1]c1occc1 [*:1]c1ccc[nH]1 [*:1]n1ccnc1 [*:1]n1nccc1
    [*:1]n1ncnc1 [*:1]c1cc(C#N)ccc1 [*:1]c1cc(F)ccc1 [*:1]c1cc(ccc1)[N+]([O-])=O [*:1]c1cc(ccc1)C(F)(F)F [*:1]c1cc[n+]([O-])cc1
    [*:1]c1ccc[n+]([O-])c1 [*:1]c1cnc(N)cc1 [*:1]c1cc(C)cnc1 [*:1]c1cc(F)cnc1 [*:1]c1cc(C)ncc1 [*:1]c1cc2ccccc2nc1
  `],
  ['[*:1]c1ccncc1', `
    [*:1]c1ncccc1 [*:1]c1ccccc1 [*:1]c1cncnc1 [*:1]c1ncncc1 [*:1]c1ncccn1 [*:1]c1nccnc1 [*:1]c1ccnnc1 [*:1]c1nnccc1 [*:1]c1scnc1
    [*:1]c1nccs1 [*:1]c1ncsc1 [*:1]c1ocnc1 [*:1]c1ncco1 [*:1]c1ncoc1 [*:1]c1ncn(C)c1 [*:1]c1cncn1C [*:1]c1nccn1C [*:1]c1nc[nH]c1
    [*:1]c1ncc[nH]1 [*:1]c1cnn(C)c1 [*:1]c1cn[nH]c1 [*:1]c1n[nH]cc1 [*:1]c1nn(C)cc1 [*:1]c1ccnn1C [*:1]c1conc1 [*:1]c1nocc1
    [*:1]c1oncc1 [*:1]c1ccsc1 [*:1]c1sccc1 [*:1]c1ccoc1 [*:1]c1occc1 [*:1]c1ccc[nH]1 [*:1]n1ccnc1 [*:1]n1nccc1 [*:1]n1ncnc1
    [*:1]c1cc(C#N)ccc1 [*:1]c1cc(F)ccc1 [*:1]c1cc(ccc1)[N+]([O-])=O [*:1]c1cc(ccc1)C(F)(F)F [*:1]c1cc[n+]([O-])cc1
    [*:1]c1ccc[n+]([O-])c1 [*:1]c1cnc(N)cc1 [*:1]c1cc(C)cnc1 [*:1]c1cc(F)cnc1 [*:1]c1cc(C)ncc1 [*:1]c1cc2ccccc2nc1
  `],
  ['[*:1]c1ncccc1', `
    [*:1]c1ccccc1 [*:1]c1cncnc1 [*:1]c1ncncc1 [*:1]c1ncccn1 [*:1]c1nccnc1 [*:1]c1ccnnc1 [*:1]c1nnccc1 [*:1]c1scnc1 [*:1]c1nccs1
    [*:1]c1ncsc1 [*:1]c1ocnc1 [*:1]c1ncco1 [*:1]c1ncoc1 [*:1]c1ncn(C)c1 [*:1]c1cncn1C [*:1]c1nccn1C [*:1]c1nc[nH]c1 [*:1]c1ncc[nH]1
    [*:1]c1cnn(C)c1 [*:1]c1cn[nH]c1 [*:1]c1n[nH]cc1 [*:1]c1nn(C)cc1 [*:1]c1ccnn1C [*:1]c1nocc1 [*:1]c1oncc1 [*:1]c1ccsc1 [*:1]c1sccc1
    [*:1]c1ccoc1 [*:1]c1occc1 [*:1]c1ccc[nH]1 [*:1]n1ccnc1 [*:1]n1nccc1 [*:1]n1ncnc1 [*:1]c1cc(C#N)ccc1 [*:1]c1cc(F)ccc1
    [*:1]c1cc(ccc1)[N+]([O-])=O [*:1]c1cc(ccc1)C(F)(F)F [*:1]c1cc[n+]([O-])cc1 [*:1]c1ccc[n+]([O-])c1 [*:1]c1cnc(N)cc1
    [*:1]c1cc(C)cnc1 [*:1]c1cc(F)cnc1 [*:1]c1cc(C)ncc1 [*:1]c1cc2ccccc2nc1
  `],
  ['[*:1]c1ccccc1', `
    [*:1]c1ccsc1 [*:1]c1sccc1 [*:1]c1ccoc1 [*:1]c1occc1 [*:1]c1ccc[nH]1 [*:1]c1cncnc1 [*:1]C1CCCCC1 [*:1]c1nccnc1 [*:1]c1nccs1
    [*:1]c1scnc1 [*:1]c1ccnnc1 [*:1]c1cnn(C)c1 [*:1]n1cccc1 [*:1]c1n[nH]cc1 [*:1]c1c[nH]cc1 [*:1]C1CCCC1 [*:1]C1CC1 [*:1]c1ccc(F)cc1
  `],
  ['[*:1]c1ccc([*:2])cc1', `
    [*:2]c1ncc([*:1])cc1 [*:1]c1ncc([*:2])cc1 [*:1]c1sc([*:2])cc1 [*:1]C1CCC([*:2])CC1 [*:1]c1cnc([*:2])nc1 [*:1]c1nnc([*:2])cc1
    [*:1]c1ncc([*:2])nc1 [*:1]c1cc([*:2])ccc1 [*:1]c1oc([*:2])cc1 [*:2]C1CCN([*:1])CC1 [*:1]C#C[*:2] [*:1]C1CC([*:2])C1
  `],
  ['[*:1]C(C)(C)C', `
    [*:1]C(F)(F)F [*:1]C(C)C [*:1]C1CC1 [*:1]C1(C)CC1 [*:1]C1(CC1)C(F)(F)F [*:1][Si](C)(C)C [*:1]C(C)(C)C#N [*:1]C1CCC1 [*:1]C(O)(C)C
    [*:1]C(F)(C)C [*:1]C(F)(F)C [*:1]C(C)(C)CO [*:1]C(C)(C)C(F)(F)F [*:1]C1(C)COC1 [*:1]C1(C)CCC1 [*:1]C1CCCC1 [*:1]C(C)(C)CC
    [*:1]C(C)C(F)(F)F [*:1]OC(F)(F)F [*:1]C(C)(C)OC [*:1]C(C)CC [*:1]C(=O)C [*:1]C(F)(F)C(F)(F)F [*:1]N(C)C [*:1]C1COC1
  `],
  ['[*:1]C(=O)OC', `
    [*:1]C(=O)N(C)C [*:1]C(=O)NCC [*:1]c1nc(C)no1 [*:1]c1nc(C)on1 [*:1]c1nnco1 [*:1]c1ncco1 [*:1]c1ocnc1 [*:1]c1nccs1 [*:1]c1ncc[nH]1
    [*:1]C(=O)C [*:1]C(=O)CC [*:1]C#N [*:1]S(=O)(=O)C [*:1]S(=O)(=O)NC [*:1]S(=O)(=O)N [*:1]COC [*:1]OC(=O)C [*:1]C(=O)O [*:1]C(=O)NO
    [*:1]C(=O)OC(C)C [*:1]C(=O)OC(C)(C)C [*:1]C#C [*:1]c1occc1 [*:1]c1sccc1 [*:1]C(F)(F)F [*:1]C(=O)NOC [*:1]C(=O)OCC
  `],
  ['[*:1]C(=O)OCC', `
    [*:1]C(=O)NC [*:1]C(=O)N [*:1]C(=O)N(C)C [*:1]C(=O)NCC [*:1]c1nc(C)no1 [*:1]c1nnc(C)o1 [*:1]c1nnco1 [*:1]c1ncco1 [*:1]c1nnn(C)n1
    [*:1]c1nccs1 [*:1]c1ncc[nH]1 [*:1]C(=O)C [*:1]C(=O)CC [*:1]C#N [*:1]S(=O)(=O)C [*:1]S(=O)(=O)N [*:1]COC [*:1]OC(=O)C [*:1]C(=O)O
    [*:1]C(=O)NO [*:1]C(=O)OC(C)C [*:1]C(=O)OC(C)(C)C [*:1]C#C [*:1]c1occc1 [*:1]c1sccc1 [*:1]C(F)(F)F [*:1]C(=O)NOC
  `],
  ['[*:1]C(=O)O[*:2]', `
    [*:1]C(=O)N[*:2] [*:1]C(=O)S[*:2] [*:1]C(=O)C[*:2] [*:2]C(=O)O[*:1] [*:2]c1nc([*:1])on1 [*:1]c1nc([*:2])on1 [*:2]OC[*:1]
    [*:1]S(=O)(=O)O[*:2] [*:1]OC(=O)O[*:2] [*:1]NC(=O)O[*:2] [*:2]N(C)C([*:1])=O
  `],
  ['[*:1]F', '[*:1]Cl [*:1]Br [*:1]C [*:1]N [*:1]C(F)(F)F [*:1]C#N'],
  ['[*:1]Cl', '[*:1]Br [*:1]C [*:1]C(F)(F)F [*:1]C#N [*:1]I [*:1][N+]([O-])=O [*:1]C(C)C [*:1]C#C [*:1]SC'],
  ['[*:1]Br', '[*:1]C [*:1]C(F)(F)F [*:1]C#N [*:1]I [*:1]C(C)C [*:1]C(C)(C)C [*:1]C#C'],
  ['[*:1]C', '[*:1]N [*:1]C(F)(F)F [*:1]C(F)F [*:1]CF [*:1]C1CC1'],
  ['[*:1]C(F)(F)F', '[*:1]C#N [*:1]S(F)(F)(F)(F)F [*:1]OC(F)(F)F [*:1]C(F)F [*:1]C1CC1 [*:1]C(F)(F)C [*:1]SC(F)(F)F [*:1]CC(F)(F)F'],
  ['[*:1]C#N', '[*:1]C#C [*:1]C(=O)C [*:1]S(=O)(=O)C [*:1]OC [*:1]C=O'],
  ['[*:1]I', '[*:1]C(C)(C)C [*:1]C#C [*:1]C(F)(F)F'],
  ['[*:1]OC', '[*:1]OC(F)(F)F [*:1]OC(F)F [*:1]C(F)F [*:1]C(F)(F)F [*:1]SC [*:1]NC [*:1]CC [*:1]CO [*:1]F [*:1]Cl [*:1]C [*:1]OCC [*:1]N(C)C'],
  ['[*:1]CC', '[*:1]C(F)(F)F [*:1]CC(F)(F)F [*:1]C(F)F [*:1]C1CC1 [*:1]C(F)(F)C'],
  ['[*:1]C(C)C', '[*:1]C(F)(F)F [*:1]C1CC1 [*:1]C(F)(F)C'],
  ['[*:1]N(C)C', '[*:1]C(C)C [*:1]NC [*:1]N1CCC1'],
  ['[*:1]SC', '[*:1]CC [*:1]NC [*:1]S(=O)(=O)C [*:1]S(=O)C'],
  ['[*:1][N+]([O-])=O', '[*:1]C#N [*:1]C(F)(F)F [*:1]C(=O)O [*:1]C(=O)OC [*:1]S(=O)(=O)C [*:1]C(=O)C [*:1]C(=O)N [*:1]F [*:1]S(=O)(=O)N [*:1]OC(F)(F)F'],
  ['[*:1]S(=O)(=O)N', '[*:1]S(=O)(=O)C [*:1]S(=O)(=O)NC [*:1]NS(=O)(=O)C [*:1]S(=O)(=O)O [*:1]S(=O)(=O)N(C)C'],
  ['[*:1]S(=O)(=O)C', '[*:1]S(=O)C [*:1]C(=O)C [*:1]S(=O)(=O)NC [*:1]NS(=O)(=O)C [*:1]P(=O)(C)C [*:1]S(=O)(=O)C(F)(F)F [*:1]S(=O)(=O)CC'],
  ['[*:1]O[*:2]', `
    [*:1]S[*:2] [*:1]C[*:2] [*:1]N[*:2] [*:1]C([*:2])(F)F [*:1]C([*:2])=O [*:1]S([*:2])(=O)=O [*:1]N([*:2])C [*:1]S([*:2])=O
    [*:2]OC[*:1] [*:1]OC[*:2]
  `],
  ['[*:1]C([*:2])=O', `
    [*:1]S([*:2])=O [*:1]S([*:2])(=O)=O [*:1]C([*:2])O [*:1]C([*:2])=NO [*:1]C([*:2])=C [*:1]C([*:2])(F)F [*:1]C[*:2]
    [*:1]C([*:2])=NOC
  `],
  ['[*:1]C([*:2])(C)C', '[*:1]C1([*:2])COC1 [*:1]C1([*:2])CC1 [*:1]C([*:2])(F)F [*:1]C1([*:2])CCC1 [*:1]C([*:2])=O [*:1]C[*:2] [*:1]C([*:2])C'],
  ['[*:1]NC(=O)N[*:2]', `
    [*:1]NC(=S)N[*:2] [*:1]NC(N[*:2])=NC#N [*:1]NC(=O)O[*:2] [*:2]NC(=O)O[*:1] [*:2]CC(=O)N[*:1] [*:2]C(=O)N[*:1] [*:1]C(=O)N[*:2]
    [*:1]CC(=O)N[*:2] [*:1]NC(=O)N([*:2])C
  `],
  ['[*:1]NC(=O)N', '[*:1]NC(=O)NC [*:1]NC(=O)OC [*:1]NC(=N)N'],
  ['[*:1]C(=N)N', '[*:1]CN [*:1]N [*:1]C(N)=NO'],
  ['[*:1]NC(=N)N', '[*:1]CN [*:1]N [*:1]Nc1ncccc1 [*:1]CCN'],
  ['[*:1]N1CCOCC1', `
    [*:1]N1CC2(C1)COC2 [*:1]N1CCCCC1 [*:1]N1CCN(C)CC1 [*:1]N1CCSCC1 [*:1]N1CCNCC1 [*:1]N1C2CCC1COC2 [*:1]N1CC2OC(C1)CC2 [*:1]C1CCOCC1
    [*:1]N1CCCC1 [*:1]N1CCOCC1C [*:1]N1CCC(O)CC1 [*:1]N1CCS(=O)(=O)CC1
  `],
  ['[*:1]N1CCNCC1', '[*:1]N1CCN(C)CC1 [*:1]N1CCCNCC1 [*:1]C1CCNCC1 [*:1]N1CCC(N)CC1 [*:1]N1CCC(N)C1 [*:1]N1CCCCC1'],
  ['[*:1]N1CCCCC1', '[*:1]N1CCCC1 [*:1]N1CCN(C)CC1 [*:1]C1CCCCC1 [*:1]N1CCC(F)(F)CC1 [*:1]N1CC2(C1)COC2 [*:1]N1CCC1'],
  ['[*:1]N1CCN([*:2])CC1', `
    [*:2]C1CCN([*:1])CC1 [*:1]C1CCN([*:2])CC1 [*:1]N1CCN([*:2])CCC1 [*:1]NCCN[*:2] [*:1]N1CC2CC1CN2[*:2] [*:2]NC1CCN([*:1])C1
    [*:2]NC1CCN([*:1])CC1
  `],
  ['[*:1]C(=O)NO', '[*:1]C(=O)NOC [*:1]S [*:1]C(=O)NN [*:1]c1nnn[nH]1 [*:1]C(=O)N(O)C [*:1]C(=O)C(F)(F)F [*:1]C(=O)Nc1ccccc1N'],
  ['[*:1]c1nnn[nH]1', '[*:1]c1noc(=O)[nH]1 [*:1]C(=O)NS(=O)(=O)C [*:1]c1nnc[nH]1 [*:1]c1nsc(=O)[nH]1 [*:1]C(=O)NS(=O)(=O)c1ccccc1'],
  ['[*:1]c1occc1', '[*:1]c1sccc1 [*:1]c1ccc[nH]1 [*:1]c1ccoc1 [*:1]c1ncco1'],
  ['[*:1]c1sccc1', '[*:1]c1ccsc1 [*:1]c1nccs1 [*:1]c1ccc[nH]1 [*:1]c1scnc1'],
  ['[*:1]c1ccsc1', '[*:1]c1ccoc1 [*:1]c1c[nH]cc1 [*:1]c1scnc1'],
  ['[*:1]c1cc2cc[nH]c2cc1', `
    [*:1]c1cc2cn[nH]c2cc1 [*:1]c1cc2nc[nH]c2cc1 [*:1]c1cc2ccoc2cc1 [*:1]c1cc2ccsc2cc1 [*:1]c1cc2[nH]ccc2cc1 [*:1]c1cc2ccccc2cc1
    [*:1]c1cc2ccnc2[nH]c1 [*:1]c1cc2nn[nH]c2cc1 [*:1]c1cc2cccnc2cc1
  `],
  ['[*:1]c1c[nH]c2ccccc12', `
    [*:1]c1cnc2[nH]cccc21 [*:1]c1n[nH]c2ccccc12 [*:1]c1coc2ccccc21 [*:1]c1csc2ccccc21 [*:1]c1cn(C)c2ccccc12 [*:1]c1cccc2ccccc12
    [*:1]c1cnc2ccccn21 [*:1]c1cnn2ccccc12 [*:1]c1nc2ccccc2[nH]1
  `],
  ['[*:1]C1CCCCC1', '[*:1]C1CCOCC1 [*:1]C1CCCC1 [*:1]C1CCC(F)(F)CC1 [*:1]C1CCNCC1 [*:1]C1CCC1'],
] as const).flatMap(([from, list]) => list.trim().split(/\s+/).map((to) => [from, to] as const));
