/** Connections between programs: nc, httpd and wget over the loopback and over pairs, and what is said when there is none. */

export const setup =
  'ip link set lo up; mkdir -p /tmp/www/sub; echo hello >/tmp/www/index.html; echo data >/tmp/www/f.txt';

/** Until somebody listens on a port (given as /proc/net/tcp6 shows it), in the namespace of who asks. */
const until = (port: number): string =>
  `until grep -q ":${port.toString(16).toUpperCase().padStart(4, '0')} .* 0A " /proc/self/net/tcp6; do usleep 10000; done`;
/** What differs from call to call: times and ports. */
const plain = "tr -d '\\r' | sed -E 's/(Date|Last-Modified): .*/\\1/; s/ETag: .*/ETag/'";
const get = (request: string): string => `printf '${request}\\r\\n\\r\\n' | nc 127.0.0.1 8080 | ${plain}`;
const serve = 'httpd -p 8080 -h /tmp/www';
const end = 'killall httpd';

export const cases: Readonly<Record<string, readonly string[]>> = {
  'nobody listens': [
    'nc 127.0.0.1 81',
    'nc 10.9.9.9 81',
    'wget -O - http://127.0.0.1:81/',
    'wget -O - http://10.9.9.9/',
    'wget -q -O - http://127.0.0.1:81/',
    'nc no.such.host 81',
    'wget -O - http://no.such.host/',
    'wget gopher://127.0.0.1/',
    'nc 127.0.0.1 nosuch',
    'nc 127.0.0.1',
    'nc; wget',
    'nc -z 127.0.0.1 81',
    'wget -T 3 http://127.0.0.1:81/; echo $?',
  ],
  'a stream both ways': [
    `echo question >/tmp/q; (echo answer | nc -l -p 9000 >/tmp/got) & ${until(9000)}; nc 127.0.0.1 9000 </tmp/q; wait; cat /tmp/got`,
    `nc -l -p 9001 -e cat & ${until(9001)}; printf 'a\\nb\\n' | nc 127.0.0.1 9001; wait`,
    `nc -l -p 9002 -e sh -c 'read x; echo "got $x"' & ${until(9002)}; echo line | nc 127.0.0.1 9002; wait`,
    `nc -l -p 9003 -e wc -c & ${until(9003)}; seq 50000 | nc 127.0.0.1 9003; wait`,
    `nc -l -l -p 9004 -e echo hi & ${until(9004)}; nc 127.0.0.1 9004; nc 127.0.0.1 9004; kill $!`,
    `nc -l -p 9005 -e nosuch & ${until(9005)}; nc 127.0.0.1 9005; wait`,
    `(echo x | nc -l -p 9007 >/tmp/got) & ${until(9007)}; wget -O - 127.0.0.1:9007; wait; cat /tmp/got | tr -d '\\r'`,
    `(printf 'HTTP/1.0 200 OK\\r\\n\\r\\nabc' | nc -l -p 9008 >/dev/null) & ${until(9008)}; wget -O - 127.0.0.1:9008; wait`,
    `(printf 'HTTP/1.0 302 Found\\r\\nLocation: /there\\r\\n\\r\\n' | nc -l -p 9009 >/tmp/got) & ${until(9009)}; wget -O - 127.0.0.1:9009/here; wait; head -n 1 /tmp/got | tr -d '\\r'`,
  ],
  'a port is taken once': [
    serve,
    serve,
    'nc -l -p 8080',
    'httpd -f -p 127.0.0.1:8080',
    'httpd -f -p 10.9.9.9:8080',
    'nc -l -p 8080 10.9.9.9',
    'httpd -f -p 300000',
    'nc -w 1 -l -p 9010',
    `${end}; sleep 1; ${serve}; ${end}`,
    'httpd -f -h /nonexistent',
    'unshare -n httpd -p 8080; killall httpd',
  ],
  httpd: [
    serve,
    get('GET / HTTP/1.0'),
    get('GET /nope HTTP/1.1'),
    get('GET /sub HTTP/1.0'),
    get('GET /sub/ HTTP/1.0'),
    get('HEAD /f.txt HTTP/1.0'),
    get('POST / HTTP/1.0'),
    get('GET /f.txt'),
    get('GET /../x HTTP/1.0'),
    get('GET /sub/../f%%2etxt?a=b HTTP/1.1'),
    get('GET /f.txt HTTP/1.1\\r\\nRange: bytes=2-'),
    get('rubbish'),
    `echo >/tmp/www/a.css; ${get('GET /a.css HTTP/1.0')}`,
    `echo >/tmp/www/b.sh; ${get('GET /b.sh HTTP/1.0')}`,
    end,
    `httpd -f -v -p 8081 -h /tmp/www 2>/tmp/log & ${until(8081)}; wget -q -O - 127.0.0.1:8081/f.txt; wget -q -O - 127.0.0.1:8081/x; until [ $(wc -l </tmp/log) = 2 ]; do usleep 10000; done; sed -E 's/]:[0-9]+/]:PORT/' /tmp/log; kill $!`,
    `httpd -f -vv -p 8082 -h /tmp/www 2>/tmp/log & ${until(8082)}; wget -q -O - 127.0.0.1:8082/f.txt; until [ $(wc -l </tmp/log) = 2 ]; do usleep 10000; done; sed -E 's/]:[0-9]+/]:PORT/' /tmp/log; kill $!`,
    "httpd -d 'a%20b+c'; httpd -e 'a<b c'",
  ],
  wget: [
    serve,
    'wget -O - http://127.0.0.1:8080/',
    'wget -q -O - 127.0.0.1:8080/f.txt',
    'cd /tmp; wget 127.0.0.1:8080; cat index.html; wget 127.0.0.1:8080; rm index.html',
    `wget -S -O /dev/null http://127.0.0.1:8080/f.txt 2>&1 | ${plain}`,
    'wget --spider http://127.0.0.1:8080/f.txt',
    'wget --spider http://127.0.0.1:8080/nope',
    'wget -O - http://127.0.0.1:8080/nope',
    'wget -q -O - http://127.0.0.1:8080/nope',
    'wget -O - http://127.0.0.1:8080/sub',
    'cd /tmp; wget -o log -O x http://127.0.0.1:8080/f.txt; cat log x',
    'cd /tmp; wget -c -O x http://127.0.0.1:8080/f.txt; cat x; printf da >x; wget -c -O x http://127.0.0.1:8080/f.txt; cat x',
    'mkdir /tmp/d; wget -P /tmp/d http://127.0.0.1:8080/f.txt; ls /tmp/d',
    'wget --post-data a=b -O - http://127.0.0.1:8080/f.txt',
    'seq 50000 >/tmp/www/big; wget -O /tmp/big http://127.0.0.1:8080/big; wc -c </tmp/big',
    end,
  ],
  'ip_forward is each namespace’s own': [
    'echo 1 >/proc/sys/net/ipv4/ip_forward; cat /proc/sys/net/ipv4/ip_forward; unshare -n cat /proc/sys/net/ipv4/ip_forward',
    'sysctl net.ipv4.ip_forward; sysctl -w net.ipv4.ip_forward=0; cat /proc/sys/net/ipv4/ip_forward',
  ],
};
