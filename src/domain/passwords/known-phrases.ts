/**
 * Phrases that somebody who guesses long passwords tries first: quotations, proverbs, songs, tongue twisters, examples of
 * good passwords. The lists of leaked passwords have few that are long enough to be chosen here. Compared without
 * capitals, accents, spaces and punctuation.
 */
export const knownPhrases: readonly string[] = `
correct horse battery staple
tr0ub4dor and 3
horse battery staple
correct horse battery
battery horse staple correct
this is my password
this is a password
this is not my password
this is a strong password
this is a very long password
my password is password
my voice is my passport
the password is password
i forgot my password
forgot my password again
not my password
please let me in
let me in please
open sesame
change me please
change this password
i love you so much
i love you forever
i love you baby
i love my family
i love my mother
i love my husband
i love my wife
i love my girlfriend
i love my boyfriend
i love my cat
i love my dog
i love chocolate
i will always love you
love you to the moon and back
forever and always
together forever
best friends forever
live laugh love
carpe diem
never give up
never say never
no pain no gain
just do it
yes we can
keep calm and carry on
to be or not to be
to be or not to be that is the question
all the worlds a stage
romeo and juliet
et tu brute
veni vidi vici
cogito ergo sum
i think therefore i am
knowledge is power
the truth is out there
trust no one
winter is coming
valar morghulis
you know nothing jon snow
may the force be with you
i am your father
luke i am your father
do or do not there is no try
a long time ago in a galaxy far far away
live long and prosper
beam me up scotty
resistance is futile
to boldly go where no man has gone before
one ring to rule them all
you shall not pass
speak friend and enter
my precious
the answer is 42
dont panic
so long and thanks for all the fish
houston we have a problem
elementary my dear watson
here is looking at you kid
frankly my dear i dont give a damn
i will be back
hasta la vista baby
shaken not stirred
bond james bond
my name is bond
life is like a box of chocolates
run forrest run
say hello to my little friend
why so serious
i am batman
with great power comes great responsibility
hakuna matata
let it go
to infinity and beyond
just keep swimming
mischief managed
expecto patronum
i solemnly swear that i am up to no good
wingardium leviosa
the boy who lived
avada kedavra
the cake is a lie
all your base are belong to us
never gonna give you up
never gonna let you down
somewhere over the rainbow
let it be
all you need is love
we are the champions
we will rock you
bohemian rhapsody
stairway to heaven
highway to hell
hotel california
welcome to the jungle
smoke on the water
sweet child o mine
dont stop believing
dont worry be happy
what a wonderful world
like a rolling stone
under the bridge
knocking on heavens door
nothing else matters
enter sandman
another brick in the wall
wish you were here
dark side of the moon
livin on a prayer
girls just want to have fun
twinkle twinkle little star
happy birthday to you
merry christmas
merry christmas and a happy new year
happy new year
we wish you a merry christmas
jingle bells jingle bells
silent night holy night
the quick brown fox jumps over the lazy dog
the quick brown fox
jumps over the lazy dog
lorem ipsum dolor sit amet
hello world
the rain in spain
she sells seashells
peter piper picked a peck
mary had a little lamb
humpty dumpty
once upon a time
an apple a day keeps the doctor away
practice makes perfect
better late than never
time flies like an arrow
when in rome do as the romans do
actions speak louder than words
all that glitters is not gold
the early bird catches the worm
god is love
jesus loves me
jesus christ
jesus is lord
in god we trust
the lord is my shepherd
our father who art in heaven
praise the lord
god bless america
allahu akbar
bismillah
you will never walk alone
glory glory man united
manchester united
forza juventus
forza inter
fc barcelona
real madrid
liverpool football club
club brugge
rsc anderlecht
racing genk
standard luik
standard de liege
union saint gilloise
rode duivels
red devils belgium
tomorrowland
rock werchter
kingdom of heaven
united states of america
new york city
one two three four five
one two three four
eight nine ten
abcdefghijklmnopqrstuvwxyz
do re mi fa sol la ti do
red orange yellow green blue
monday tuesday wednesday
january february march
spring summer autumn winter
north south east west
earth wind and fire
sex drugs and rock and roll
dit is mijn wachtwoord
dit is een wachtwoord
mijn wachtwoord is geheim
mijn wachtwoord is wachtwoord
wachtwoord vergeten
ik ben mijn wachtwoord vergeten
laat mij erin
sesam open u
ik hou van jou
ik hou van je
ik hou van jou voor altijd
ik hou van mama en papa
ik hou van chocolade
ik zie je graag
ik zie u graag
voor altijd samen
altijd en overal
beste vrienden
de kat krapt de krullen van de trap
de kat krabt de krullen van de trap
zeven zotten zullen zes zomerse zondagen zwemmen zonder zwembroek
leentje leerde lotje lopen langs de lange lindelaan
zeg roodkapje waar ga je heen
slaap kindje slaap
vader jacob
broeder jacob
in de maneschijn
zie de maan schijnt door de bomen
zie ginds komt de stoomboot
zie ginds komt de stoomboot uit spanje weer aan
sinterklaas kapoentje
o denneboom
stille nacht heilige nacht
lang zal ze leven
lang zal hij leven
er was eens
de appel valt niet ver van de boom
alle begin is moeilijk
al doende leert men
beter laat dan nooit
eind goed al goed
eerlijk duurt het langst
geduld is een schone deugd
goed begonnen is half gewonnen
ieder huisje heeft zijn kruisje
klein maar dapper
morgen komt er weer een dag
morgenstond heeft goud in de mond
na regen komt zonneschijn
nooit geschoten is altijd mis
oost west thuis best
van het een komt het ander
wie niet waagt niet wint
wie het laatst lacht lacht het best
zo gezegd zo gedaan
de vlaamse leeuw
zij zullen hem niet temmen
vlaanderen de leeuw
leve de koning
een pintje alstublieft
friet met stoofvlees
frieten met mayonaise
maandag dinsdag woensdag
januari februari maart
lente zomer herfst winter
een twee drie vier vijf
een twee drie vier
hoedje van papier
fris en monter
studeren is leuk
ik studeer graag
leve de studenten
sapere aude
alma mater
sedes sapientiae
gaudeamus igitur
ceci nest pas une pipe
ceci est mon mot de passe
mon mot de passe
mot de passe oublie
je taime pour toujours
je taime mon amour
pour toujours
la vie est belle
la vie en rose
cest la vie
liberte egalite fraternite
frere jacques
au clair de la lune
sur le pont davignon
joyeux noel
bonne annee
lunion fait la force
eendracht maakt macht
honi soit qui mal y pense
`
  .trim()
  .split('\n');
