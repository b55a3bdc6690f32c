import { isGrpcServiceError } from '@temporalio/client';

/** The gRPC status codes that decide something here. */
const codes = {
  INVALID_ARGUMENT: 3,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  UNAVAILABLE: 14,
} as const;

/** Whether an error is a server's answer with that status. */
export const hasGrpcStatus = (error: unknown, status: keyof typeof codes): boolean =>
  isGrpcServiceError(error) && error.code === codes[status];
