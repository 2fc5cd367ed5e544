/**
 * Words for the names of containers that nobody named: an adjective and the surname of a person of science, in the style of
 * Docker's own generator. The adjectives are all of those that Docker 20.10.24 has (moby pkg/namesgenerator), because by them the
 * comparison knows a name that nobody chose.
 */
export const adjectives: readonly string[] = (
  'admiring adoring affectionate agitated amazing angry awesome beautiful blissful bold boring brave busy charming clever ' +
  'cool compassionate competent condescending confident cranky crazy dazzling determined distracted dreamy eager ecstatic ' +
  'elastic elated elegant eloquent epic exciting fervent festive flamboyant focused friendly frosty funny gallant gifted ' +
  'goofy gracious great happy hardcore heuristic hopeful hungry infallible inspiring interesting intelligent jolly jovial ' +
  'keen kind laughing loving lucid magical mystifying modest musing naughty nervous nice nifty nostalgic objective ' +
  'optimistic peaceful pedantic pensive practical priceless quirky quizzical recursing relaxed reverent romantic sad ' +
  'serene sharp silly sleepy stoic strange stupefied suspicious sweet tender thirsty trusting unruffled upbeat vibrant ' +
  'vigilant vigorous wizardly wonderful xenodochial youthful zealous zen'
).split(' ');

export const surnames: readonly string[] = (
  'albattani agnesi almeida archimedes ardinghelli babbage banach bardeen bartik bassi bell bhabha bhaskara blackwell bohr ' +
  'boyd brahmagupta brattain brown buck burnell cannon carson cartwright cerf chandrasekhar chaplygin chatelet chebyshev cohen ' +
  'cori cray curie curran darwin davinci dijkstra dirac driscoll easley edison einstein elbakyan elion engelbart euclid euler ' +
  'fermat fermi feynman franklin galileo galois ganguly gates gauss germain goldberg goldstine goldwasser golick goodall gould ' +
  'haibt hamilton haslett hawking heisenberg hermann herschel hertz hodgkin hoover hopper hugle hypatia jackson jang jemison ' +
  'jennings jepsen johnson joliot jones kalam kapitsa kare keldysh keller kepler khayyam khorana kilby kirch knuth kowalevski ' +
  'lalande lamarr lamport leakey leavitt lederberg lehmann lewin lichterman liskov lovelace lumiere mahavira margulis matsumoto ' +
  'maxwell mayer mccarthy mcclintock mclean mcnulty meitner mendel mendeleev meninsky merkle mestorf mirzakhani montalcini moore ' +
  'morse murdock napier nash neumann newton nightingale nobel noether northcutt noyce panini pare pascal pasteur payne perlman ' +
  'pike poincare poitras proskuriakova ptolemy raman ramanujan rhodes ride ritchie robinson roentgen rosalind rubin saha sammet ' +
  'satoshi shamir shannon shaw shirley shockley shtern sinoussi snyder solomon spence stonebraker sutherland swanson swartz ' +
  'swirles taussig tesla tharp thompson torvalds tu turing varahamihira vaughan villani visvesvaraya volhard wescoff wilbur ' +
  'wiles williams williamson wilson wing wozniak wright wu yalow yonath zhukovsky'
).split(' ');
