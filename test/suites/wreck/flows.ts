/**
 * Every kind of command that changes something, each as a short story from a host that has nothing but busybox: `before`
 * makes what `line` works on.
 */
export interface WreckFlow {
  readonly before: readonly string[];
  readonly line: string;
}

const ran = 'docker run --name aa busybox sh -c "echo 1 >/one; mkdir -p /d/e; rm /etc/group"';
const lives = 'docker run -d --init --name aa busybox sleep 1000';
const image = 'docker commit aa img:one';

export const wreckFlows: readonly WreckFlow[] = [
  { before: [], line: 'docker create --name aa -w /made/here busybox true' },
  { before: [], line: ran },
  { before: [], line: 'docker run --rm busybox touch /made' },
  { before: [], line: lives },
  { before: [], line: 'docker run --rm busybox nosuchprogram' },
  { before: [], line: 'docker run --read-only --cap-drop ALL --memory 32m --cpus 0.5 --name aa busybox true' },
  { before: ['docker create --name aa busybox true'], line: 'docker start -a aa' },
  { before: [lives], line: 'docker stop -t 1 aa' },
  { before: [lives], line: 'docker kill aa' },
  { before: [lives], line: 'docker restart -t 1 aa' },
  { before: [lives], line: 'docker pause aa' },
  { before: [lives, 'docker pause aa'], line: 'docker unpause aa' },
  { before: [lives, 'docker pause aa'], line: 'docker rm -f aa' },
  { before: [lives], line: 'docker exec aa touch /in' },
  { before: [lives], line: 'docker update --memory 64m --memory-swap 64m aa' },
  { before: [lives], line: 'docker rename aa bb' },
  { before: [lives], line: 'docker commit aa img:live' },
  { before: [ran], line: image },
  { before: [ran, image], line: 'docker run --name bb img:one rm /one' },
  { before: [ran, image], line: 'docker tag img:one img:two' },
  { before: [ran, image], line: 'docker rmi -f img:one' },
  { before: [ran, image], line: 'docker save -o /root/img.tar img:one' },
  {
    before: [ran, image, 'docker save -o /root/img.tar img:one', 'docker rmi img:one'],
    line: 'docker load -i /root/img.tar',
  },
  { before: [ran, 'docker export -o /root/aa.tar aa'], line: 'docker import /root/aa.tar flat:one' },
  { before: [ran], line: 'docker diff aa' },
  { before: [ran], line: 'docker cp aa:/one /root/one' },
  { before: [ran, 'docker cp aa:/one /root/one'], line: 'docker cp /root/one aa:/two' },
  { before: [], line: 'docker volume create vol' },
  { before: [], line: 'docker run -v vol:/root -v /anon --tmpfs /t --name aa busybox touch /root/in' },
  { before: [], line: 'docker run --rm -v /anon -v /srv/new:/b busybox touch /b/in' },
  { before: ['docker run -v vol:/d --name aa busybox touch /d/in'], line: 'docker cp aa:/d/in /root/in' },
  { before: ['docker run -v vol:/d --name aa busybox touch /d/in'], line: 'docker rm -v aa' },
  { before: ['docker volume create vol'], line: 'docker volume rm vol' },
  { before: ['docker volume create vol'], line: 'docker volume prune -f' },
  { before: [ran], line: 'docker rm aa' },
  { before: [ran, image], line: 'docker container prune -f' },
  { before: [ran, image, 'docker commit aa img:one'], line: 'docker image prune -f' },
];
