/** Waiting for what runs in the background by what it has become, never by time. */

/** `settled PID` waits until that process has become a sleep: then it is in the namespaces that it was to have. */
export const settled = `cat >/bin/settled <<'END'
#!/bin/sh
until grep -q ^sleep /proc/$1/cmdline; do usleep 10000; done
END
chmod 755 /bin/settled`;
