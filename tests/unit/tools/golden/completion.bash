# Completion of barnabas for bash, made by: barnabas completion bash

_barnabas_words() { COMPREPLY=($(compgen -W "$1" -- "$2")); }

_barnabas_files() {
  local IFS=$'\n'
  compopt -o filenames 2>/dev/null
  COMPREPLY=($(compgen -f -- "$1"))
}

_barnabas_at_file() {
  local IFS=$'\n'
  [[ $1 == @* ]] && COMPREPLY=($(compgen -P @ -f -- "${1#@}"))
}

# Names of -X, and behind '=' the values where there is a choice of them.
_barnabas_property() {
  local values='' prefix=''
  if [[ $1 != *=* ]]; then
    compopt -o nospace 2>/dev/null
    COMPREPLY=($(compgen -S = -W '
      client.id
      isolation.level
    ' -- "$1"))
    return
  fi
  case ${1%%=*} in
    isolation.level | isolation) values='read_committed read_uncommitted' ;;
  esac
  [[ $COMP_WORDBREAKS == *=* ]] || prefix=${1%%=*}=
  COMPREPLY=($(compgen -P "$prefix" -W "$values" -- "${1#*=}"))
}

_barnabas() {
  local line=${COMP_LINE:0:COMP_POINT} words cur prev path=barnabas word commands='' flags='' input=''
  COMPREPLY=()
  read -ra words <<< "$line"
  [[ $line == *[[:space:]] ]] && words+=('')
  ((${#words[@]} > 1)) || return
  cur=${words[${#words[@]}-1]} prev=${words[${#words[@]}-2]}
  if [[ $cur == --*=* ]]; then
    prev=${cur%%=*} cur=${cur#*=}
  fi
  for word in "${words[@]:1:${#words[@]}-2}"; do
    case "$path $word" in
      'barnabas fetch') path+=" $word" ;;
      'barnabas group') path+=" $word" ;;
      'barnabas group list') path+=" $word" ;;
    esac
  done
  case $path in
    'barnabas')
      case $prev in
      esac
      flags=''
      commands='fetch group'
      ;;
    'barnabas fetch')
      case $prev in
        -t | --topic) return ;;
        -z | --codec) _barnabas_words 'none zstd' "$cur"; return ;;
        -X | --property) _barnabas_property "$cur"; return ;;
        -F | --file) _barnabas_files "$cur"; return ;;
        -n) return ;;
      esac
      flags='-t --topic -z --codec -X --property -F --file -n -q --quiet'
      input=_barnabas_at_file
      ;;
    'barnabas group')
      case $prev in
      esac
      flags=''
      commands='list'
      ;;
    'barnabas group list')
      case $prev in
        --state) _barnabas_words 'empty stable' "$cur"; return ;;
      esac
      flags='--state'
      ;;
  esac
  if [[ $cur == -?* || -z $commands$input ]]; then
    _barnabas_words "$flags" "$cur"
  elif [[ -n $input ]]; then
    "$input" "$cur"
  else
    _barnabas_words "$commands" "$cur"
  fi
}

complete -F _barnabas barnabas
