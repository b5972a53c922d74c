"""The scripts that make bash, zsh and fish complete `study`.

Each asks the command itself: with `_STUDY_COMPLETE` set it takes the words so far, of which the last may be begun or
empty, and prints lines of kind, value and help. Kinds: plain, or file and dir, which shells complete best themselves.
"""

_BASH = r"""# study: completion for bash. In ~/.bashrc: eval "$(study completion bash)"
_study_complete() {
    local kind value help
    COMPREPLY=()
    while IFS=$'\t' read -r kind value help; do
        case $kind in
            plain) COMPREPLY+=("$value") ;;
            file) compopt -o default 2>/dev/null ;;
            dir) compopt -o dirnames 2>/dev/null ;;
        esac
    done < <(_STUDY_COMPLETE=bash "${1/#\~/$HOME}" "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
    # Of several that only hold the word, bash would put the common beginning in its place; with a blank there is none.
    if (( ${#COMPREPLY[@]} > 1 )) && [[ ${COMPREPLY[0]} != "${COMP_WORDS[COMP_CWORD]}"* ]]; then
        COMPREPLY+=(" ")
    fi
}
# Bash before 4.4 knows no nosort.
complete -o nosort -F _study_complete study 2>/dev/null || complete -F _study_complete study
"""

_ZSH = r"""#compdef study
# study: completion for zsh. In ~/.zshrc, after compinit: eval "$(study completion zsh)"
_study() {
    local -a found
    local kind value help
    while IFS=$'\t' read -r kind value help; do
        case $kind in
            plain) found+=("${value//:/\\:}${help:+:$help}") ;;
            file) _files ;;
            dir) _files -/ ;;
        esac
    done < <(_STUDY_COMPLETE=zsh "${~words[1]}" "${(@Q)words[2,CURRENT]}" 2>/dev/null)
    (( $#found )) && _describe -V study found -U
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _study "$@"
else
    compdef _study study
fi
"""

_FISH = r"""# study: completion for fish. study completion fish > ~/.config/fish/completions/study.fish
function __study_complete
    set -l words (commandline -opc)
    set -l program $words[1]
    set -e words[1]
    set -l current (commandline -ct)
    for line in (_STUDY_COMPLETE=fish $program $words "$current" 2>/dev/null)
        set -l parts (string split \t -- $line)
        switch $parts[1]
            case plain
                echo $parts[2]\t$parts[3]
            case file
                __fish_complete_path "$current"
            case dir
                __fish_complete_directories "$current" ''
        end
    end
end
complete --command study --no-files --keep-order --arguments '(__study_complete)'
"""

SCRIPTS = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}

#: What to type so that it lasts.
HINTS = {
    "bash": """echo 'eval "$(study completion bash)"' >> ~/.bashrc""",
    "zsh": """echo 'eval "$(study completion zsh)"' >> ~/.zshrc""",
    "fish": "study completion fish > ~/.config/fish/completions/study.fish",
}
