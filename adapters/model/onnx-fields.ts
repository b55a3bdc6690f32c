// Field numbers of the ONNX messages that matter here.

export const modelGraph = 7;
export const graphField = { node: 1, initializer: 5, input: 11, output: 12, valueInfo: 13 } as const;
export const nodeField = { input: 1, output: 2, attribute: 5 } as const;
export const attributeField = { graph: 6, graphs: 11 } as const;
export const tensorField = { dims: 1, dataType: 2, name: 8, externalData: 13 } as const;
/** A StringStringEntryProto, as external data are told by. */
export const pairField = { key: 1, value: 2 } as const;
export const valueInfoName = 1;
