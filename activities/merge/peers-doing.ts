import { isOstinatoError, type OstinatoError } from '../../domain/errors/error.ts';

/** Errors of a transfer or of what it brought: another peer may give the same without them. A full disk is none. */
const codes = /^OST_(TRANSFER_|SAFETENSORS_|ARTIFACT_(DIGEST|LENGTH|TOO_LARGE|CHUNK)$|MODEL_UNFIT$|TENSOR_NAME_TWICE$)/;

/** Whether an error is the peer's doing, or that of the line to it. */
export const isPeersDoing = (error: unknown): error is OstinatoError =>
  isOstinatoError(error) && codes.test(error.code);
