/** Which Docker is imitated: the one of Debian 12. */
export const imitated = '20.10.24+dfsg1';
