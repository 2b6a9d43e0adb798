/**
 * Why a message was refused, as the `cause` of the error; a bad signature has `Reason.SignatureInvalid`.
 * What is not verifiable ends the stream without an answer; the rest is answered.
 */
export const Refusal = {
  // Not verifiable.
  BadFrame: 'BadFrame',
  WrongSigner: 'WrongSigner',
  BadClaims: 'BadClaims',
  WrongIssuer: 'WrongIssuer',
  // Verified, and refused.
  WrongAudience: 'WrongAudience',
  ClockSkew: 'ClockSkew',
  LifetimeTooLong: 'LifetimeTooLong',
  MessageExpired: 'MessageExpired',
  OutOfSequence: 'OutOfSequence',
  Replayed: 'Replayed',
  BodyChanged: 'BodyChanged',
  NotAsked: 'NotAsked',
  // Authentic, but not the owner's latest word, or not what the signature says.
  OlderGeneration: 'OlderGeneration',
  SameGeneration: 'SameGeneration',
  ResultDiffers: 'ResultDiffers',
  // Authentic, but more than an honest peer has to say.
  LimitExceeded: 'LimitExceeded',
} as const;

export type Refusal = (typeof Refusal)[keyof typeof Refusal];
