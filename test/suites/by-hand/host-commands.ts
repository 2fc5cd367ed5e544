/**
 * Host commands that lessons type, over what Docker leaves on the host: each line says the same on every target whose host can be
 * typed on, when ids, PIDs and inode numbers are named by the order in which they appear.
 */
import type { Target } from '../../../core/index.ts';

/** What is looked at: a running container that wrote, changed and deleted; one that has ended; an image made of it. */
export const setup = [
  "docker run -d --name web -m 64m busybox sh -c 'echo hi >/hi; rm /bin/vi; mkdir /d; sleep 1000'",
  'docker run --name done busybox touch /happiness.txt',
  'docker commit done happy',
];

const root = '/var/lib/docker';
const pid = "$(docker inspect -f '{{.State.Pid}}' web)";
const id = "$(docker inspect -f '{{.Id}}' web)";
const upper = "$(docker inspect -f '{{.GraphDriver.Data.UpperDir}}' web)";
const merged = "$(docker inspect -f '{{.GraphDriver.Data.MergedDir}}' web)";

export const lines: readonly string[] = [
  `ls ${root}`,
  `ls ${root}/overlay2 | wc -l`,
  `ls ${root}/overlay2/l | wc -l`,
  `ls ${root}/containers | wc -l`,
  `ls ${root}/containers/${id} | sed s/${id}/ID/ | sort`,
  `ls ${root}/image/overlay2`,
  `find ${root}/image/overlay2/layerdb -type d | wc -l`,
  `find ${root} -name happiness.txt | wc -l`,
  `find ${root} -name happiness.txt -exec stat -c '%F %s %a' {} ';'`,
  `find ${upper} | sed s,${upper},, | sort`,
  `find ${upper} -type c -exec stat -c '%F %t:%T %a' {} ';'`,
  `cat ${upper}/hi`,
  `sha256sum <${upper}/hi`,
  `ls ${merged}`,
  `ls -l ${merged}/bin/sh | cut -c 1-10`,
  `ls $(dirname ${upper})`,
  `cat $(dirname ${upper})/lower | tr ':' '\\n' | wc -l`,
  `for link in ${root}/overlay2/l/*; do readlink $link; done | sed 's,[0-9a-f]\\{64\\},ID,; s,ID-init,ID,' | sort -u`,
  `wc -c <$(dirname ${upper})/link`,
  'mount | grep -c overlay',
  "mount | grep overlay | cut -d ' ' -f 1-5 | sed 's/[0-9a-f]\\{64\\}/ID/'",
  "mount | grep overlay | sed 's/.*lowerdir=//' | tr ':,' '\\n\\n' | grep -c /l/",
  "grep -c '^overlay' /proc/mounts",
  `for kind in cgroup ipc mnt net pid user uts; do [ "$(readlink /proc/${pid}/ns/$kind)" = "$(readlink /proc/1/ns/$kind)" ] || echo $kind; done`,
  `readlink /proc/${pid}/ns/pid | sed 's/[0-9][0-9]*/N/'`,
  `readlink /proc/${pid}/root /proc/${pid}/cwd`,
  `readlink /proc/${pid}/root; readlink /proc/${pid}/cwd; ls /proc/${pid}/ns`,
  'tree /var 2>/dev/null; echo $?',
  `grep NSpid /proc/${pid}/status | cut -f 3`,
  `tr '\\0' ' ' </proc/${pid}/cmdline`,
  `cut -d : -f 3 /proc/${pid}/cgroup | grep docker | sort -u | sed s/${id}/ID/`,
  `nsenter -t ${pid} -p -m ps -o args | head -n 3`,
  `nsenter -t ${pid} -m ls / | head -n 4`,
  `nsenter -t ${pid} -u hostname | wc -c`,
  `cat /sys/fs/cgroup/memory/docker/${id}/memory.limit_in_bytes`,
  `wc -l </sys/fs/cgroup/pids/docker/${id}/cgroup.procs`,
  'ps -o args | grep -c "[s]leep 1000"',
  `ls /proc/${pid}/root/d /proc/${pid}/root/hi | sed s/${pid}/PID/`,
  `cat ${root}/containers/${id}/hostname | wc -c`,
  `grep -c hostname ${root}/containers/${id}/config.v2.json`,
  `ls ${root}/image/overlay2/imagedb/content/sha256 | wc -l`,
  `cd ${root}/image/overlay2/imagedb/content/sha256 && for f in *; do [ "$(sha256sum <$f | cut -d ' ' -f 1)" = $f ] && echo right; done`,
];

/** What the target says to each line. */
export async function answers(target: Target): Promise<readonly string[]> {
  for (const line of setup) {
    const { exitCode, stderr } = await target.run(line);
    if (exitCode !== 0) throw new Error(`${line}: ${stderr}`);
  }
  const said: string[] = [];
  for (const line of lines) {
    const { exitCode, stdout, stderr } = await target.run(line);
    said.push(`$ ${line}\n${stdout}${stderr}${exitCode === 0 ? '' : `? ${exitCode}\n`}`);
  }
  return said;
}
