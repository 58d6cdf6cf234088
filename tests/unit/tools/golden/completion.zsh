#compdef barnabas
# Completion of barnabas for zsh, made by: barnabas completion zsh

_barnabas_at_file() { compset -P @ && _files; }

# Names of -X, and behind '=' the values where there is a choice of them.
_barnabas_property() {
  local name=${PREFIX%%=*}
  if compset -P 1 '*='; then
    case $name in
      isolation.level|isolation) compadd -- read_committed read_uncommitted ;;
    esac
    return
  fi
  local -a names
  names=(
    'client.id:Who asks; it'\''s a name.'
    'isolation.level:What is read.'
  )
  _describe -t properties property names -S =
}

_barnabas() {
  local curcontext=$curcontext state line
  typeset -A opt_args
  _arguments -C -s -S \
    '1:command:->command' \
    '*:::arguments:->arguments'
  case $state in
    command)
      local -a commands
      commands=(
        'fetch:Gets it, whatever (it) is: and says '\''done'\'''
        'group:Groups'
      )
      _describe -t commands command commands
      ;;
    arguments)
      words=($line[1] $words)
      ((CURRENT++))
      case $line[1] in
        fetch) _barnabas_fetch ;;
        group) _barnabas_group ;;
      esac
      ;;
  esac
}

_barnabas_fetch() {
  _arguments -s -S \
    '*'{-t+,--topic=}'[Topic]:TEXT: ' \
    '(-z --codec)'{-z+,--codec=}'[Codec]:none|zstd|LEVEL:(none zstd)' \
    '*'{-X+,--property=}'[Any option]:TEXT:_barnabas_property' \
    '(-F --file)'{-F+,--file=}'[A file]:FILE:_files' \
    '(-n)'-n+'[How many]:N: ' \
    '*'{-q,--quiet}'[No words]' \
    ':input:_barnabas_at_file'
}

_barnabas_group() {
  local curcontext=$curcontext state line
  typeset -A opt_args
  _arguments -C -s -S \
    '1:command:->command' \
    '*:::arguments:->arguments'
  case $state in
    command)
      local -a commands
      commands=(
        'list:All of them'
      )
      _describe -t commands command commands
      ;;
    arguments)
      words=($line[1] $words)
      ((CURRENT++))
      case $line[1] in
        list) _barnabas_group_list ;;
      esac
      ;;
  esac
}

_barnabas_group_list() {
  _arguments -s -S \
    '(--state)'--state='[Only these]:TEXT:(empty stable)'
}

if [[ $funcstack[1] == _barnabas ]]; then
  _barnabas "$@"
else
  compdef _barnabas barnabas
fi
