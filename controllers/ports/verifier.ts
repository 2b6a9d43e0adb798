import type { Deployment, Route } from '../../api/v1alpha1/types.ts';

/** Checks the owner's signature that is kept beside a spec. */
export interface Verifier {
  /** Undefined when the owner signed exactly this spec; otherwise why not. Answers from memory for what it has checked before. */
  verify(deployment: Deployment): Promise<string | undefined>;
}

/** Checks what the owner of a Deployment signed about its exposure. */
export interface RouteVerifier {
  /** Undefined when the owner asked the provider that carries the Route for exactly this; otherwise why not. */
  verify(route: Route): Promise<string | undefined>;
}
