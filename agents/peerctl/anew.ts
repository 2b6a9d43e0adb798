import { isStatusError } from '../../api/meta/status-error.ts';

/**
 * Watches anew, from a list of everything, as often as the Store can no longer tell what has happened since.
 * @throws whatever else ends the watch
 */
export async function anew(watch: () => Promise<void>): Promise<void> {
  for (;;)
    try {
      return await watch();
    } catch (error) {
      if (!isStatusError(error, 'Expired')) throw error;
    }
}
