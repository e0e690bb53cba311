//! What people write when they want texts to end. Rows are parted by `|`.

use super::each_of;
use crate::keywords::Meaning;

/// Nobody can take these for anything else.
const OPT_OUTS: &str = "
    pls stop | STOP!!! | stop it | Stop sending me this | unsub | no more | remove | quit texting me |
    dont text me again | fuck off | who is this? stop | I said stop | STOP STOP STOP | stop messaging me | opt-out |
    opt me out | end | cancel my subscription | please cancel | delete my number | stopp | sotp | stpo | unsuscribe |
    stop2end | Stop 2 end | STOP2QUIT | quit2end | Quit to end | quite 2 end | stop to end | stoptoend | stop2ed |
    stip2end | Stop2end please | stop2end. Wrong person | Text STOP | reply stop | STOP to opt out |
    text STOP to opt out | Reply STOP to unsubscribe | cancel2end | END2END | stop=end | stop 2 stop | stop2stop |
    st0p | S T O P | s.t.o.p | S-T-O-P | Stoooop | STOPPPPP | STOP you idiots | stop asshole |
    stop texting this number | Stop texting me you creep | Please stop texting my phone | pls stop txting me |
    stop text me | Stop the texts | stop these messages | stop all messages | stop your spam | Stop spamming me |
    stop bothering me | stop contacting me | stop harassing me!! | stop calling me | stop calling and texting me |
    Stop sending these | stop sending me messages | stop sending messages to my phone |
    stop sending me your bullshit | quit sending me this crap | stop with the texts | stop with this nonsense |
    stop already | stop now please | STOP ASAP | stop immediately | stop who is this | stop i dont know you |
    stop I never signed up | Stop. I am a Republican | STOP, I already voted | Stop! Wrong person | no stop |
    ok stop | yes stop | hi stop | Hello please stop | Stop thank you | STOP. Thanks! | please take me off your list |
    take me off | Take me off this list please | take my number off your list | take my name off |
    take me off of all of your lists | take us off your list | remove me from your list | remove me from this list |
    Remove my number | please remove my number from your list | remove this number |
    remove my name and number from your database | delete me | delete me from your list | delete this number |
    delete my contact info | lose my number | Loose my number | lose this number | forget my number |
    get me off this list | leave me alone | leave me the fuck alone | Leave us alone | go away | piss off | get lost |
    FUCK YOU STOP TEXTING ME | fuck off and stop texting me | do not text me | Do not text | do not contact me |
    Do not contact this number again | do not message me | don't message me again | don't ever text me again |
    dont ever contact me | don't text me anymore | dont txt me | don't send me texts |
    don't send me any more messages | dont send me this | do not send me anything | do not call or text me |
    do not call me again | Don't call this number | never text me again | Never contact me again | no more texts |
    no more texts please | no more messages | no more msgs | no more of these | no more spam | no texts |
    no thank you stop | Not interested, stop | not interested take me off your list | i don't want these texts |
    I don't want these messages anymore | I don't want any more texts | i do not want your messages |
    I do not wish to receive these messages | I no longer wish to receive texts |
    i dont want to receive any more messages | I don't want to be contacted | don't want to be texted |
    I do not want to hear from you | i want to unsubscribe | I want to opt out | I'd like to opt out |
    how do i opt out | how do I unsubscribe? | how do I stop these texts | How can I stop getting these messages |
    how do i get off this list | How do I make this stop | make it stop | make this stop | unsubscribe me |
    Unsubscribe please | unsubscribe from all | unsubscribe me from this list | i unsubscribe |
    I would like to unsubscribe from this list | please unsubscribe my number | Unsubcribe | unsubscrbe | unsubsribe |
    UNSUBSCIBE | Unsubscibe me | can you please stop | will you stop texting me |
    would you please stop sending me these | please stop I don't want this | I asked you to stop |
    I told you to stop texting me | i already said stop | I've asked you to stop multiple times |
    I want you to stop texting me | you need to stop texting me | you guys need to stop |
    I need you to take me off your list | I revoke my consent | I revoke consent | i withdraw my consent |
    I do not consent to these messages | I do not consent | cease and desist | cease all communication |
    put me on your do not call list | I'm on the do not call list | do not call list | add me to do not contact list |
    block me | block my number | enough already | stop blowing up my phone | quit blowing up my phone |
    stop hitting me up | stop using my number | who the fuck is this stop texting me | cancel all texts |
    cancel text alerts | cancel my text subscription | cancel these messages | Cancel subscription | end texts |
    End messages | end subscription | end all texts | quit | Quit it | quit now | Quit please | cancel | revoke |
    terminate | discontinue | halt | discontinue texts | discontinue messages | please discontinue |
    stop using this number | Opt out please | opt out now | I choose to opt out | Optout | OPT ME OUT PLEASE |
    i opt out | Opt out of all messages | opt out of texts | STOP - you have the wrong person | 👎 stop | 🛑 STOP 🛑 |
    Stop. | \"STOP\" | Stop, I am in Texas | Please stop. I've voted | Please stop contacting my mother |
    stop contacting this number | stop it now | just stop | Just stop texting | just stop already |
    for the love of god stop | omg stop | seriously stop | dude stop | please for the last time stop | STOPME |
    stoppit | stoptexting | stop txt | stop sms | stop ads | stop marketing | stop marketing messages |
    stop promotions | stop alerts | Stop notifications | stop the offers | STOP OFFERS | stop everything |
    stop forever | STOP IMMEDIATELY OR I WILL SUE | stop or I'll report you | stop before I call the police |
    unsubscribed | please respect my privacy and stop texting | Please remove | please remove me | Remove please |
    remove from list | remove from your list immediately | remove me immediately | please delete my information |
    Please delete my number from your system | please take this number out of your database |
    take me out of your system | I'd like to be removed from your list | I want to be removed |
    please have me removed from this list | I want off this list | get my number off your list |
    I would like to be taken off this list | Please don't contact me anymore | please do not text this number |
    this is a work phone, do not text | do not contact | Don't text | NO TEXTS PLEASE | please no more |
    no more, thanks | nomore | no mas | STOP MESSAGE | stop message | stop messages | Stop text messages |
    stop txting | stop texting | STOP CALLING ME | stop emailing me | quit harassing me | quit bothering me |
    quit spamming | quit messaging me | cease | cease texting | desist | please refrain from texting me |
    refrain from contacting me | I am opting out | opting out | consider this my opt out |
    You don't have my permission to text me | you do not have my consent | don't have permission to text me |
    thanks but no thanks, stop | stop sir | stop pls thx | kindly stop | Kindly remove my number |
    kindly unsubscribe me | sotp texting me | stpo please | step texting me | quite texting me | cancle | cancell |
    Qiut | Quti | stiop | srop | dtop | stop. | stop! | Stip | Stoo | Stop2End | Quit2stop | STOP2OPTOUT | stop2endd |
    stop2enf | stop2 end | stop 2end | stop2 End! | Stop@end | stop&end | Stop2wnd | atop2end | dtop2end | sto2end |
    stop2en | stop to ens | STOP TO END TEXTS | Stop to end messages | stop2end texting | stop2end stop |
    stop2end I'm not interested | stop2end thanks | stop2end already voted | stop 2 end I already voted |
    stop two end | Stopz2end | stop2end stop2end | stop2end2 | stop2quit please remove | QUIT2END stop | quit2edn |
    quit 2 ebd | quit2emd | quiet2end | quir2end | qui2end | quite2end | quit to stop | end2quit | end to quit |
    cancel 2 end | opt2out | opt 2 out | optout2end | opt out 2 end | unsubscribe2end | Stop2end and lose my number |
    Please stop2end | Hi stop2end | Who is this? stop2end | No. Stop2end | No stop2end | STOP 2 END!!! | stop2end. |
    stop2end, you have the wrong person | Stop2end wrong number | STOPTOEND | stop-2-end |
    Stop2end you piece of shit | stop 2 unsubscribe | STOP2UNSUBSCRIBE | 2 stop | stop2end this | Stop2 end texts |
    stop2stopp | STOP2EMD | stop2ene | stop2ent | stop2send | stop 2 and | stopnow | stop2end!! Not interested |
    Stop to quit | stop to opt-out | STOP to unsubscribe | stop stop2end | Remove2end | quit2quit | Quit 2 quit |
    quit2end leave me alone | Unsubscribe. I live in Ohio | Not voting for him. Stop | I don't live there. Stop |
    I don't live in that district, please remove me | Take me off your list. I live in California. |
    I am not a democrat please remove me from your list | Do NOT text me again. Ever. | Stop with the text messages |
    stop texting, I voted already | who is this and how did you get my number? stop texting me |
    How did you get this number? Take me off your list. | Please don't text again | Dont text again |
    Don't ever text this phone again | Never text this number again | do not ever text me again |
    Please do not text anymore | Don't msg me | No more texts. Thank you | No more political texts |
    no more political messages please | stop political texts | stop sending political texts |
    Please stop sending me political messages | stop all this texting | Enough! Stop | stop stop stop |
    STOP!!!!!! STOP!!!!! | Stop, you people are annoying | quit fucking texting me | Quit sending me texts |
    Stop f***ing texting me | leave me the hell alone | Lose this number | lose my # | Delete this # |
    Remove this # from your list | Take this number off your list | please take this number off ur list |
    I'd like off this list | please unsub | pls unsubscribe | UNSUBSCRIBE ME NOW | I wish to unsubscribe |
    I want to stop receiving these texts | Please opt me out of these messages | please opt us out |
    Opt this number out | optmeout | Opt-Out Please | opout | opt ou | opt iut | I'm opting out |
    I am not Karen, remove me | quit it already | no thanks, please stop | Please quit texting this phone |
    stop blowing me up | Yo stop texting me bro | who tf is this, stop hitting my phone | You can stop texting now |
    please end this | please end these messages | end this subscription | I want these messages to end |
    how to cancel these texts | cancel my alerts | Cancel notifications | turn off notifications | turn these off |
    Turn off alerts | disable notifications | let me out of this list | get me off | get me off your fucking list |
    GET ME OFF THIS LIST NOW | take my phone # off your list | take this # off | plz take me off ur list |
    take me off the list plz | TAKE ME OFF YOUR CALL LIST | Please remove me from any future texts |
    remove me from all lists | remove me from future mailings | remove me from your texting list |
    remove me from this group | Remove my name | REMOVE MY NUMBER FROM YOUR SYSTEM | please remove this phone number |
    remove this phone from your list | please remove us from your list | Please delete me from your list |
    Delete my number please | delete my phone number from your records | please erase my number |
    scratch me off your list | Cross me off | drop me from your list | I'd like to stop receiving texts |
    I don't want to get texts from you | I dont want text messages | I do not want texts | don't want ur texts |
    dont want these | No longer want to receive these | no longer wish to be contacted |
    I no longer want these texts | Please no more messages | No more notifications | no more promos |
    no more calls or texts | no more! | NO MORE!!!! | never contact me | Never text me again please |
    Don't ever contact me again | Do not contact me anymore | Do not contact | Do not text me again!!!! |
    do not send messages | Do not send me any more texts | do not send texts | don't send me anymore texts |
    don't send anything else | please don't send these to me | pls dont send me any more msgs | dont msg me again |
    dnt text me | Don't bother me | don't bother texting me again | please do not bother me again |
    Don't reach out again | please don't reach out to me | Stop reaching out | stop soliciting | stop soliciting me |
    no soliciting | No solicitation | stop bugging me | stop pestering me please | stop annoying me |
    Stop disturbing me | Stop sending these text messages | stop sending stuff | stop sending me things |
    stop sending me links | stop sending me this stuff | Stop sending txts | Stop with texts | STOP THE MESSAGES |
    stop all communication | stop all communications with me | cease all contact | cease contact |
    Cease communication | please cease and desist texting me | I withdraw consent | consent withdrawn |
    consent revoked | I revoke all consent | I am revoking my consent | opt out of all | opt-out of texts |
    Opting out now | please opt-out | I would like to be opted out | I'd like to opt-out please | I wanna opt out |
    how can I opt out | want to opt out | unsubscribe from this | Unsubscribe from texts |
    unsubscribe from marketing | I need to unsubscribe | I'm unsubscribing | I would like to unsubscribe |
    Can you unsubscribe me | can you take me off your list | could you please remove my number |
    can I be removed from this list | May I be removed | Can u stop texting me | could you stop |
    will you please leave me alone | would you kindly stop texting me | stop texting me or I'll block you |
    I asked to be removed | I asked to be taken off this list | I already asked to be removed |
    I've already opted out | I already unsubscribed | I opted out already | I have unsubscribed | I told you stop |
    told u to stop | I SAID STOP TEXTING ME | I typed stop | i texted stop already | STOP means STOP |
    What part of stop don't you understand | You were told to stop | i keep saying stop | leave my phone alone |
    leave this number alone | get off my phone | lose my contact info | I'm not interested. Please take me off. |
    Fuck off!! | Fuck off and leave me alone | f*** off | f**k off | eff off | piss off please | bugger off |
    go away!!! | please go away | I'm on the do not call registry | Do Not Call List | DNC | Stop. Just stop. |
    Stop!!! I'm tired of this | ugh stop | just stop pls | STOP NOW OR ELSE | Sstop | sopt | STPP | STOPO | stop] |
    stop` | stop; | Stop' | STOP… | Stopstop | stopstopstop | stop.stop.stop | Stop-stop-stop | STOP/END | stop/quit |
    stop or cancel | Stop and unsubscribe | stop & remove | unsubscribe / stop | Cancel/stop | END STOP
";

/// A reasonable person may take these for a revocation, and another may not: a person reads them.
const DOUBTFUL: &str = "
    not interested | block | spam | off the list | fuck you | go to hell | eat shit | kiss my ass |
    no longer interested | I'm not interested | im not interested thanks | not interested please remove |
    I am not interested in your offers | I'm blocking you | Blocked | reported | reporting as spam |
    Reporting you to the FCC | report spam | this is spam | This is harassment | too many texts | enough |
    enough with the texts | I'm sick of these texts | I never signed up for this | i didn't sign up for this |
    I did not sign up for these texts | I did not subscribe | never asked for this | who dis stop |
    Wrong person stop | Exit | stops | if you text me again I will sue | text me again and I'll sue you |
    I will report you | Stop sharing my number | stop selling my info | this is my work phone please stop |
    dont contact | not interested in your texts | I'm not interested in receiving texts | Not anymore |
    stop tecting me | stop textig me | stop2e | stop2endstop2end | Quit, not interested | quit I moved |
    End. Not interested | remove. not interested | No, quit | quit!!!! I'm not voting for you | I moved stop |
    Stop it with the texts | Deceased | He is deceased | Cut it out | knock it off |
    Enough with these messages already | I'm done with these texts | ok you can stop now | how do i cancel |
    how do I cancel this service | cancel service | cancel everything | disable | deactivate | Please deactivate |
    i want out | kindly remove my details | I don't want this | I don't want it | don't want any | no more offers |
    don't message | please do not reply | Stop harassment | withdraw | why do you keep texting me |
    I have asked you to stop before | this is a business phone, remove it | This is a landline |
    This is my work number do not text | I am 14 stop | my child's phone please stop |
    This is a kid's phone. Remove it. | Hard pass | no interest | not interested!!! | Not interested in this |
    not interested anymore | Not interested at all | no longer a customer | F U | fu | fuck u | FUCK YOU!!!! |
    go fuck yourself | Get a life | shut up | suck a dick | eat a dick | bite me | asshole | idiot | scam | Spam!! |
    scammer | reported as spam | blocked and reported | You're blocked | Blocking this number | I will block you |
    I'm reporting you | reported to FCC | lawsuit | I'll sue | harassment | this is illegal | illegal |
    this is unsolicited | Unsolicited text | I didn't ask for this | I did not opt in | never opted in |
    I never gave you permission | I never gave you my number | never consented
";

/// The number belongs to somebody else, which ends all consent for it, whatever else is said.
const WRONG_NUMBERS: &str = "
    Wrong number | sorry wrong number | You have the wrong number | u got the wrong number |
    I think you have the wrong number | You've got the wrong person | you must have the wrong number |
    this is the wrong number | Wrong person | Wrong guy | you're texting the wrong number |
    You are texting the wrong person | You texted the wrong number | this isn't Karen's number |
    This is not Karen's number | this is not Bob's phone | This is no longer Karen's number |
    Karen no longer has this number | nobody here by that name | No one by that name here |
    I don't know anyone by that name | There is nobody here named Bob | I'm not the person you are looking for |
    not the person you're looking for | You have me confused with someone else |
    I think you mistaken me for someone else | you don't have the right number | u heeft het verkeerde nummer |
    Wrong number. Stop texting me | wrong number please remove me | Quit. Wrong number | cancel. wrong number
";

#[test]
fn opt_outs_are_understood_as_people_write_them() {
    each_of(Meaning::OptOut, OPT_OUTS);
}

#[test]
fn what_may_be_an_opt_out_waits_for_a_person() {
    each_of(Meaning::NeedsReview, DOUBTFUL);
}

#[test]
fn a_wrong_number_is_understood_as_people_write_it() {
    each_of(Meaning::WrongNumber, WRONG_NUMBERS);
}

/// Carriers and telephones quote our own message when somebody taps a heart under it.
#[test]
fn a_reaction_to_our_message_is_none_of_their_words() {
    each_of(
        Meaning::Ordinary,
        "Liked “Hi, Ann here. Reply STOP to opt out” | Loved \"Reply STOP to end\" | Disliked “Text STOP to quit” |
        👍 to “ Sale! Reply STOP to opt out ” | Laughed at “STOP” | A aimé « Répondez STOP » | Liked “STOP",
    );
    each_of(Meaning::OptOut, "Liked “Hi, Ann here” stop | “STOP” | \"stop\" | to \"stop\" texting me");
}

/// A demand among many words is one of many things said.
#[test]
fn a_demand_in_a_long_text_waits_for_a_person() {
    let long = "I have been a customer of yours for eleven years now and have never complained about anything, but \
                this week somebody has called my mother. Please do not contact me again.";
    each_of(Meaning::NeedsReview, long);
    each_of(Meaning::OptOut, "Please do not contact me again.");
}
