# Completion of barnabas for fish, made by: barnabas completion fish

# True where the words typed so far name this command.
function __barnabas_at
    set -l path barnabas
    for word in (commandline -opc)[2..-1]
        switch "$path $word"
            case 'barnabas fetch'
                set path "$path $word"
            case 'barnabas group'
                set path "$path $word"
            case 'barnabas group list'
                set path "$path $word"
        end
    end
    test "$path" = "$argv"
end

# Names of -X, and behind '=' the values where there is a choice of them.
function __barnabas_property
    switch (commandline -ct)
        case 'isolation.level=*' '-Xisolation.level=*'
            printf '%s\n' isolation.level={read_committed,read_uncommitted}
        case 'isolation=*' '-Xisolation=*'
            printf '%s\n' isolation={read_committed,read_uncommitted}
        case '*'
            printf '%s\t%s\n' \
                client.id= 'Who asks; it\'s a name.' \
                isolation.level= 'What is read.'
    end
end

function __barnabas_at_file
    set -l word (commandline -ct)
    string match -q '@*' -- $word; or return
    for path in (__fish_complete_path (string sub -s 2 -- $word))
        echo @$path
    end
end

complete -c barnabas -f

complete -c barnabas -n '__barnabas_at barnabas' -a fetch -d 'Gets it, whatever [it] is: and says \'done\''
complete -c barnabas -n '__barnabas_at barnabas' -a group -d 'Groups'

complete -c barnabas -n '__barnabas_at barnabas fetch' -s t -l topic -x -d 'Topic'
complete -c barnabas -n '__barnabas_at barnabas fetch' -s z -l codec -x -a 'none zstd' -d 'Codec'
complete -c barnabas -n '__barnabas_at barnabas fetch' -s X -l property -x -a '(__barnabas_property)' -d 'Any option'
complete -c barnabas -n '__barnabas_at barnabas fetch' -s F -l file -r -F -d 'A file'
complete -c barnabas -n '__barnabas_at barnabas fetch' -s n -x -d 'How many'
complete -c barnabas -n '__barnabas_at barnabas fetch' -s q -l quiet -d 'No words'
complete -c barnabas -n '__barnabas_at barnabas fetch' -a '(__barnabas_at_file)'

complete -c barnabas -n '__barnabas_at barnabas group' -a list -d 'All of them'

complete -c barnabas -n '__barnabas_at barnabas group list' -l state -x -a 'empty stable' -d 'Only these'
