/**
 * docker's default network, typed line by line on a host that has the engine's bridge: addresses, names of devices, rules,
 * published ports, shared networks. What a real engine with a real kernel below it answers is recorded (record.ts).
 */

/** `docker …` lines go to the client, all others to a shell of the host whose programs are busybox and iptables. */
export const lines: readonly string[] = [
  'iptables -t nat -S',
  'iptables -S',
  'iptables -t nat -L -n',
  'ip -f inet addr show docker0',
  'cat /proc/sys/net/ipv4/ip_forward',
  'docker run -d --name aa busybox sleep 1000',
  `docker run -d --name bb -p 8080:80 busybox sh -c "mkdir /www; echo hello >/www/index.html; exec httpd -f -p 80 -h /www"`,
  "docker exec aa sh -c 'until wget -q -O /dev/null 172.17.0.3; do usleep 50000; done'",
  'ip link | grep -c "master docker0"',
  'ip route',
  'docker exec aa ip addr',
  'docker exec aa ip route',
  'docker exec aa cat /etc/hosts',
  'docker exec aa ping -c 1 172.17.0.3',
  'docker exec aa ping -c 1 172.17.0.1',
  'docker exec aa wget -O - 172.17.0.3',
  'docker exec aa wget -O - 172.17.0.3:81',
  'docker exec aa wget -O - 172.17.0.77',
  'docker exec aa wget -O - bb',
  'docker exec aa wget -q -O - 172.17.0.1:8080',
  'docker exec bb wget -q -O - 172.17.0.1:8080',
  'wget -q -O - 127.0.0.1:8080',
  'wget -q -O - 172.17.0.1:8080',
  'wget -q -O - 172.17.0.3',
  'docker port bb',
  'docker port bb 80',
  'docker port bb 81',
  "docker ps --format '{{.Names}} {{.Ports}}'",
  'iptables -t nat -S',
  'iptables -S',
  'iptables -t nat -L -n',
  'iptables -L DOCKER -n',
  "docker inspect -f '{{json .NetworkSettings}}' aa",
  "docker inspect -f '{{json .NetworkSettings}}' bb",
  "docker inspect -f '{{json .HostConfig.PortBindings}} {{json .Config.ExposedPorts}}' bb",
  'docker run --name cc -p 8080:81 busybox true',
  'docker rm cc',
  'docker run --rm -p 70000:80 busybox true',
  'docker run --rm -p x:80 busybox true',
  'docker run --rm --network none busybox ip route',
  'docker run --rm --network none busybox ping -c 1 172.17.0.2',
  'docker run --rm --network container:aa busybox ip addr show eth0',
  'docker run --rm --network container:aa busybox hostname',
  'docker run --rm --network container:bb busybox wget -q -O - 127.0.0.1',
  'docker run --rm --network container:nosuch busybox true',
  'docker run --rm --network container:aa -p 1:2 busybox true',
  'docker run -d --name dd -p 127.0.0.1:9000:90 busybox nc -ll -p 90 -e echo hi',
  'until nc 127.0.0.1 9000 </dev/null | grep hi; do usleep 50000; done',
  'nc 172.17.0.1 9000 </dev/null',
  'iptables -t nat -S DOCKER',
  'docker kill bb',
  'docker port bb',
  "docker inspect -f '{{json .NetworkSettings}}' bb",
  'wget -q -O - 127.0.0.1:8080',
  'wget -q -O - 172.17.0.1:8080',
  'iptables -t nat -S DOCKER',
  'docker start bb',
  "docker inspect -f '{{.NetworkSettings.IPAddress}}' bb",
  'docker stop -t 0 aa',
  'docker restart -t 0 bb',
  "docker inspect -f '{{.NetworkSettings.IPAddress}}' bb",
  'docker rm -f aa bb dd',
  'iptables -t nat -S DOCKER',
  'ip link | grep -c "master docker0"',
];

/** What differs from run to run: IDs, hardware addresses and numbers of devices that nobody chose, times. */
export const plain = (text: string): string =>
  text
    .replace(/^time="[^\n]*\n/gm, '')
    .replace(/\b[0-9a-f]{64}\b/g, 'ID')
    .replace(/\b[0-9a-f]{12}\b/g, 'ID')
    .replace(/veth[0-9a-f]{7}/g, 'vethN')
    .replace(/link\/ether (?!02:42:ac:11)\S+/g, 'link/ether MAC')
    .replace(/@if\d+/g, '@ifN')
    .replace(/^\d+: (?=\w+[@:])/gm, 'N: ')
    .replace(/[\d.]+(\/[\d.]+)* ms/g, 'T ms')
    .replace(/(Session|round-trip) .*/g, '$1');

export interface Answer {
  readonly line: string;
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export const fixture = new URL('../../fixtures/docker-network-20.10.24.json', import.meta.url);
