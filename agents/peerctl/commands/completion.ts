import { defineCommand } from '../command.ts';
import { UsageError } from '../errors.ts';

/** Each asks `peerctl __complete` for candidates, so that they are those of the state directory as it is now. */
const SCRIPTS: Record<string, string> = {
  bash: `_peerctl() {
  mapfile -t COMPREPLY < <(peerctl __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _peerctl peerctl
`,
  zsh: `#compdef peerctl
_peerctl() {
  local -a candidates
  candidates=(\${(f)"$(peerctl __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)"})
  if (( \${#candidates} )); then compadd -a candidates; else _files; fi
}
compdef _peerctl peerctl
`,
  fish: `complete -c peerctl -a '(peerctl __complete -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'
`,
};

export const command = defineCommand({
  arguments: Object.keys(SCRIPTS).join('|'),
  arity: { least: 1, most: 1 },
  complete: 'shell',
  description: 'It completes commands, flags, and the names of your deployments, peers and namespaces.',
  examples: [
    'source <(peerctl completion bash)',
    'peerctl completion zsh > ~/.zfunc/_peerctl',
    'peerctl completion fish > ~/.config/fish/completions/peerctl.fish',
  ],
  flags: {},
  async run(context, { words }) {
    const [shell = ''] = words;
    const script = Object.hasOwn(SCRIPTS, shell) ? SCRIPTS[shell] : undefined;
    if (!script)
      throw new UsageError(
        `there are completions for ${Object.keys(SCRIPTS).join(', ')}, not for "${shell}"`,
      );
    context.out.write(script);
    return undefined;
  },
});
