/** Words that several recorded lines share. */

export const web = 'docker run -d --init --name web busybox sleep 300';
export const format = (fields: string): string => `--format '${fields}'`;
