/** A small lesson with every kind of block, true on the simulation. */

/** Front matter: lines 1 to 5. */
export const head = `---
id: pause
title: Pause
minutes: 5
---
`;

export const question = `\`\`\`question
What becomes of its processes?
- They end
  true when: container web is exited
- They stay, and
  get no time to run
  true when: container web is paused
  true when: container web runs sleep 300
- Nobody knows
because: no signal is sent.
\`\`\`
`;

export const challenge = `\`\`\`challenge
Wake it.
goal: container web is running and container web runs sleep 300
par: 2
hint: first
hint when container web is paused: wake it: \`docker unpause\`
$ docker unpause web
\`\`\`
`;

export const lessonText = `---
id: pause
title: Pause
minutes: 5
needs: layers, commit
---

# Pause

\`\`\`setup
$ docker run -d --name web busybox sleep 300
\`\`\`

\`\`\`notes
Say it slowly.
\`\`\`

${question}
\`\`\`console
$ docker pause web
web
$ docker ps -q
[..]
\`\`\`

\`\`\`picture
host
\`\`\`

\`\`\`challenge
Wake it, and give it company.
goal: container web is running
goal: container mate is created
par: 2
hint when container web is paused: wake it:
  \`docker unpause\`
hint when container mate is missing: another one is missing
hint: look around
$ docker unpause web
$ docker create --name mate \\
  busybox true
\`\`\`

Done.
`;
