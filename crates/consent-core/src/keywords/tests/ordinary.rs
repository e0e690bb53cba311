//! What must not be taken for an opt-out: texts to a shop, a surgery, a restaurant, a friend. Rows are parted by `|`.

use super::each_of;
use crate::keywords::Meaning;

const TEXTS: &str = "
    stop by the shop | can't stop laughing | bus stop | non stop | end of the day | cancel my appointment tomorrow |
    I quit my job | top | step | shop | stoop | quite | quiet | suit | slop | strop | strip |
    don't stop texting me lol | please don't stop | why did you stop texting me | you never text me anymore |
    you don't text me anymore | did he stop texting you | he won't stop texting me | I can't stop thinking about it |
    next stop | full stop | I will stop by later | stop by anytime | Stop at the store on your way |
    where is the bus stop? | what time does it stop? | it won't stop raining | rain stopped | let's stop there |
    stop sign on main | End of story | the end | at the end of the month | week end | ends at 5 |
    when does the sale end? | When will it end | can i cancel my order? | I need to cancel my appointment |
    please cancel my reservation for tonight | cancel my 3pm | cancel my order | cancel the table for two |
    can you cancel and rebook | I have to cancel | Need to cancel for tomorrow |
    Yes please cancel my appointment and reschedule | cancel dinner | did you cancel? | they canceled the flight |
    cancelled | I cancelled already | my flight was cancelled | Quit smoking 2 weeks ago | quit worrying | i quit |
    he quit | remove the onions please | no onions, remove tomato | can you remove the pickles |
    take the kids off my hands | take off is at 9 | take me out tonight | take me home | leave me a message |
    leave it at the door | leave the keys with the neighbor | no more chips left | no more milk | no more questions |
    no thanks | No thank you | no | nope | yes | Y | ok | thanks | who is this? | Who dis |
    how did you get my number? | what is this about | what's the offer | how much does it cost |
    is this still available | I'm interested | interested | Call me later | text me later | text me tomorrow |
    don't text and drive | do not park in front | don't worry about it | don't forget the milk |
    do not disturb the baby | no texts while driving today | I don't want to go | I don't want any onions |
    i dont want to hear about it | don't want it delivered before noon | where do I opt in | I want to opt in |
    my number is 555 1234 | change my number | this is my new number | update my phone number please | wrong size |
    wrong order | you sent the wrong item | the wrong color | you gave me the wrong number of tickets |
    help me move saturday | I need help | can you help? | help yourself | no help needed | info about the sale? |
    any info | start the car | start without me | starting at 9 | let's start | when do you start | started |
    join us | join me for dinner | to be or not to be | all good | all set | all done | everything is fine |
    just the cheese pizza | only two | just one | marketing class is at 3 | I work in marketing |
    block party tonight | around the block | spam and eggs | delete the file | I deleted the app |
    report is due monday | the report is ready | opt for the blue one | stopwatch | stopover in Denver |
    stopping by at 5 | Stopped by yesterday | unstoppable | endless | weekend | nonstop flight | pit stop |
    stop and shop | one stop shop | stop loss | fin | fine | baja california | basta pasta | ende gut alles gut |
    pare down | TD bank | What does reply STOP mean | Liked “Hi, this is Ann. Reply STOP to opt out” |
    Loved \"Reply STOP to end\" | 👍 to “ Big sale! Reply STOP to opt out ” | I love the texts you send |
    keep the texts coming | my text didn't go through | the text said 5pm | I got your message |
    send me the link again | don't send the package yet | send no more than two | the bus will stop here |
    make it stop hurting | I asked him to stop | she told me to stop | I asked you to stop by the store |
    I said no to the raise | the number you gave me is wrong | my phone number ends in 1234 | the spam folder has it |
    i lost my number two pencil | I lose my phone all the time | don't lose my number | did you lose my number? |
    never mind | no longer hungry | forget it | go ahead | get out of bed | I'm out of milk | out for delivery? |
    are you blocked in | who's calling | stop lights are out | quit playing | last stop is mine |
    I want out of this job | I want off at 5 | they took me off the schedule | take me off speaker |
    put me on the list | am I on the list? | off work at 6 | not interested in the game tonight |
    he is not interested in you | Can I get a table for 4 at 7? | Do you have this in size 10? |
    What are your hours? | Are you open on Sunday? | I'll be there in 10 min | Running late, sorry! |
    Can we move my appointment to Friday? | I need to reschedule | Please cancel my order #1234 |
    I want to cancel my order please | Cancel my appt for 3/4 | Can you cancel my delivery? | cancel that order |
    Cancel the pizza | cancel one of the two | Please remove one item from my cart | remove the tax |
    can you remove the charge | Could you take 10% off my order | Take the stairs | Can you take us at 6 instead? |
    get me off work early lol | I want out of the contract | When does my membership end | My contract ends in May |
    end date? | does the promo end today | Can I end my lease early | How do I quit the gym | I quit drinking |
    stop at the front desk | should I stop by today? | Can I stop by to pick it up? | I'll stop in tomorrow |
    where do I stop | please stop by my house at 5 | Do not leave it outside | don't leave the package at the door |
    don't text my wife it's a surprise | Don't call the house phone | please don't call before 9 | Do not substitute |
    don't need a bag | don't need it anymore, thanks | I don't want the extended warranty | I don't want onions |
    don't want to miss it | I don't care | no more gluten please | No more than 3 | no more parking spots left |
    no texts yet from the driver | I got no text | I didn't get the text | I never got the message |
    never received my order | never mind thanks | leave it with my neighbor | leave me a voicemail | leave a message |
    left a message | my phone number changed | new number 555-0101 | the number is wrong on my order | wrong address |
    wrong item sent | you sent me the wrong size | you have the wrong price on the website | you got the wrong order |
    wrong time | I think you charged the wrong card | is this the right number for the store? | Who's this |
    do I know you | help with my order | I need help with my account | need info on pricing | more info please |
    Starting when? | start my order | yes start it | Yes please | y | YES | sure | ok great | sounds good |
    perfect thank you | both | none | not really | not today | maybe later | not now | I'm good |
    not interested in the extended warranty | I'm interested in your offers | please send more info |
    text me the address | text me when ready | message me later | don't forget to text me | You didn't text me back |
    you never texted me | why didn't you text me | did you text me? | You can text me at this number |
    you can remove my old number and use this one | will you stop by? | would you stop by on Tuesday |
    he said to stop by | they told me to stop in | my doctor told me to stop taking it |
    should I stop taking the medicine | I stopped taking the pills | my car stopped | the bleeding won't stop |
    it won't stop beeping | how do I stop the bleeding | how do I stop it from beeping | how do I turn off the alarm |
    turn off the lights | please turn off my heat | stop light out on 5th | stop order on the check |
    Stop payment on check 101 | I'd like to stop payment | stop my service next month | stop delivery for 2 weeks |
    stop worrying | stop being silly | block 5 unit 2 | spam musubi | junk removal quote? | can you haul junk |
    delete the second one | I want to delete my account | quit the team | I can't wait | cant come today |
    we moved to a new address | I moved, my new address is 5 Elm | pass the salt | what exit? | end unit |
    the end table | end zone seats please | Fine | alto sax | Tall | para llevar | para mi | baja un poco el volumen |
    voy de salida | shut up lol | fuck yeah | fuck | damn | wtf | hell yeah | lmao | go away for the weekend |
    going away | get lost in the music | I'll report back tomorrow | report card? | block my calendar |
    is my card blocked? | my card is blocked | blocked drain can you come | sorry for so many texts |
    I'll sue him haha | this is a work order | work phone is 555 0199 | my business number is 555 0100 |
    what number is this | no longer need the appointment | no longer available?
";

/// Words that are one letter away from a keyword and mean something else.
const NEIGHBOURS: &str = "
    top | step | shop | stoop | strop | slop | swop | sop | stomp | stow | stoep | stor | quite | quiet | suit | quilt |
    quits | quip | quid | quiz | qui ? | nuit | huit | duit | cancer | cancels | cancelled | subscribes
";

#[test]
fn ordinary_texts_stay_ordinary() {
    each_of(Meaning::Ordinary, TEXTS);
}

#[test]
fn neighbours_of_keywords_are_words_of_their_own() {
    each_of(Meaning::Ordinary, NEIGHBOURS);
}
